using System.Globalization;
using System.Text;
using System.Xml;

namespace Emulator.Host.Testing;

/// <summary>Writes results as JUnit XML.</summary>
internal static class JunitReport
{
    /// <summary>The document.</summary>
    /// <param name="output">Where it goes.</param>
    /// <param name="suite">The suite's name.</param>
    /// <param name="results">The results in order.</param>
    public static void Write(Stream output, string suite, IReadOnlyList<GuestResult> results)
    {
        var settings = new XmlWriterSettings { Indent = true, Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), NewLineChars = "\n" };
        using var xml = XmlWriter.Create(output, settings);
        xml.WriteStartElement("testsuites");
        xml.WriteStartElement("testsuite");
        xml.WriteAttributeString("name", suite);
        xml.WriteAttributeString("tests", Number(results.Count));
        xml.WriteAttributeString("failures", Number(results.Count(r => r.Verdict == GuestVerdict.Failed)));
        xml.WriteAttributeString("errors", "0");
        xml.WriteAttributeString("skipped", Number(results.Count(r => r.Verdict == GuestVerdict.Skipped)));
        xml.WriteAttributeString("time", Seconds(results.Aggregate(TimeSpan.Zero, (sum, r) => sum + r.Duration)));
        foreach (var result in results)
        {
            WriteCase(xml, suite, result);
        }

        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    private static void WriteCase(XmlWriter xml, string suite, GuestResult result)
    {
        xml.WriteStartElement("testcase");
        xml.WriteAttributeString("classname", suite);
        xml.WriteAttributeString("name", result.Image.Name);
        xml.WriteAttributeString("time", Seconds(result.Duration));
        if (result.Verdict != GuestVerdict.Passed)
        {
            xml.WriteStartElement(result.Verdict == GuestVerdict.Failed ? "failure" : "skipped");
            xml.WriteAttributeString("message", Clean(result.Why));
            xml.WriteEndElement();
        }

        if (result.Output.Length > 0)
        {
            xml.WriteElementString("system-out", Clean(result.Output));
        }

        xml.WriteEndElement();
    }

    /// <summary>Guests may send bytes that XML has no way to write.</summary>
    private static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            var allowed = rune.Value is '\t' or '\n' or (>= 0x20 and <= 0xFFFD) or >= 0x10000;
            clean.Append(allowed ? rune.ToString() : rune.Value == '\r' ? "" : "\uFFFD");
        }

        return clean.ToString();
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture);
}
