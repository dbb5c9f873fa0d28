namespace ServerlessTrace.FunctionModel.Tests.Contract;

// Each type deviates from the description that a test of ContractCheckTests gives of it, in the one way its name says.
#pragma warning disable CA1012, CA1018, CA1019, CA1034, CA1068, CA1819, CA1822
public static class DeviatingTypes
{
    [AttributeUsage(AttributeTargets.Parameter)]
    public sealed class FaithfulAttribute : Attribute
    {
        public FaithfulAttribute(params string?[] names) => Names = names;

        public FaithfulAttribute(int count, string? name = null, CancellationToken cancellation = default, bool deep = true) =>
            Names = [name, count.ToString(System.Globalization.CultureInfo.InvariantCulture), cancellation.ToString(), deep.ToString()];

        public string?[] Names { get; }
    }

    public record class FaithfulRecord(string? InstanceId = null, DateTimeOffset? StartAt = null);

    public class Renamed
    {
        public string? Gone { get; set; }
    }

    public class NotNullable
    {
        public string Text { get; set; } = string.Empty;
    }

    public class NotNullableInside
    {
        public Task<IList<string>> Read() => Task.FromResult<IList<string>>([]);
    }

    public class NotNullableTypeParameter
    {
        public Task<T> Read<T>() => throw new NotSupportedException();
    }

    public class OtherPropertyType
    {
        public long Count { get; set; }
    }

    public class InitOnly
    {
        public int Count { get; init; }
    }

    public class Settable
    {
        public int Count { get; set; }
    }

    public class ProtectedSetter
    {
        public int Count { get; protected set; }
    }

    public class OtherParameterName(string queue)
    {
        public string Name { get; } = queue;
    }

    public class OtherDefault
    {
        public void Page(int size = 50) => _ = size;
    }

    public class NoDefault
    {
        public void Page(int size) => _ = size;
    }

    public class NoParams
    {
        public NoParams(string[] names) => _ = names;
    }

    public class OtherReturnType
    {
        public ValueTask Stop() => default;
    }

    public class NotVirtual
    {
        public void Stop()
        {
        }
    }

    public class NotStatic
    {
        public int Make() => 1;
    }

    public class Unsealed;

    public abstract class Abstract;

    public record class Record;

    public struct Mutable;

    public class OtherBase : List<int>;

    public class MoreInterfaces : IDisposable
    {
        public void Dispose() => GC.SuppressFinalize(this);
    }

    public class MoreMembers
    {
        protected void Extra()
        {
        }
    }

    public class MoreFields
    {
        public const int Size = 1;
    }

    public class OtherConstant
    {
        public const int Size = 1;
    }

    public class Unconstrained
    {
        public bool Is<T>() => true;
    }

    public class FewerOverloads
    {
        public void Call(string name, object? input = null) => _ = (name, input);
    }

    public enum OtherValue
    {
        Running = 1,
    }

    public enum MoreValues
    {
        Running = 0,
        Idle = 1,
    }

    public enum OtherUnderlyingType : byte
    {
        Running = 0,
    }

    [AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property)]
    public sealed class OtherTargetsAttribute : Attribute;

    [AttributeUsage(AttributeTargets.Parameter, AllowMultiple = true)]
    public sealed class ManyTimesAttribute : Attribute;
}
