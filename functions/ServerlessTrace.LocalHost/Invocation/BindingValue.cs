using System.ComponentModel;
using System.Globalization;
using System.Reflection;

namespace ServerlessTrace.LocalHost.Invocation;

/// <summary>Turns a part of a route or a blob path into a parameter's type.</summary>
internal static class BindingValue
{
    public static bool CanConvertTo(Type type) =>
        type == typeof(string) || TypeDescriptor.GetConverter(Nullable.GetUnderlyingType(type) ?? type).CanConvertFrom(typeof(string));

    /// <exception cref="BadHttpRequestException">The value is not one of the type.</exception>
    public static object? Convert(object? value, ParameterInfo parameter)
    {
        Type type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        if (value is null)
        {
            return parameter.HasDefaultValue ? parameter.DefaultValue : null;
        }

        if (type.IsInstanceOfType(value))
        {
            return value;
        }

        try
        {
            return TypeDescriptor.GetConverter(type).ConvertFromInvariantString(System.Convert.ToString(value, CultureInfo.InvariantCulture)!);
        }
        catch (Exception wrong) when (wrong is FormatException or ArgumentException or NotSupportedException)
        {
            throw new BadHttpRequestException($"'{parameter.Name}' is not a valid {type.Name}.", wrong);
        }
    }
}
