using System.Globalization;
using System.Text;

namespace ServerlessTrace.Core.Tests.Formats;

/// <summary>Writes JSON as anybody might: fields in any order, blanks and line breaks anywhere between tokens, characters as escapes.</summary>
internal sealed class JsonSpelling(Random random)
{
    private readonly StringBuilder _text = new();

    /// <summary>A value that is written as it is.</summary>
    public readonly record struct Raw(string Json);

    /// <summary>Writes a value: a text, number, boolean, null, <see cref="Raw"/>, list, or list of names and values.</summary>
    public string Write(object? value)
    {
        _text.Clear();
        Append(value);
        return _text.ToString();
    }

    private void Append(object? value)
    {
        switch (value)
        {
            case null:
                _text.Append("null");
                break;
            case string text:
                AppendText(text);
                break;
            case bool truth:
                _text.Append(truth ? "true" : "false");
                break;
            case long number:
                _text.Append(number.ToString(CultureInfo.InvariantCulture));
                break;
            case double number:
                _text.Append(number.ToString("R", CultureInfo.InvariantCulture));
                break;
            case Raw raw:
                _text.Append(raw.Json);
                break;
            case (string Name, object? Value)[] fields:
                (string Name, object? Value)[] shuffled = [.. fields];
                random.Shuffle(shuffled);
                AppendAll('{', shuffled, '}', field =>
                {
                    AppendText(field.Name);
                    Blank();
                    _text.Append(':');
                    Blank();
                    Append(field.Value);
                });
                break;
            default:
                AppendAll('[', (object?[])value, ']', Append);
                break;
        }
    }

    private void AppendAll<T>(char open, T[] items, char close, Action<T> append)
    {
        _text.Append(open);
        Blank();
        for (int i = 0; i < items.Length; i++)
        {
            if (i > 0)
            {
                _text.Append(',');
                Blank();
            }

            append(items[i]);
            Blank();
        }

        _text.Append(close);
    }

    private void AppendText(string text)
    {
        _text.Append('"');
        bool escapes = random.Next(4) == 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool must = rune.Value is '"' or '\\' or < ' ';
            bool escaped = must || (escapes && random.Next(3) == 0);
            _text.Append(escaped ? string.Concat(rune.ToString().Select(unit => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}"))) : rune.ToString());
        }

        _text.Append('"');
    }

    private void Blank()
    {
        if (random.Next(6) == 0)
        {
            _text.Append(" \t\r\n"[random.Next(4)]);
        }
    }
}
