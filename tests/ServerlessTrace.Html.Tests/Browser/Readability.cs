using System.Globalization;
using Microsoft.Playwright;

namespace ServerlessTrace.Html.Tests.Browser;

/// <summary>Whether texts can be read.</summary>
internal static class Readability
{
    /// <summary>
    /// Every visible text with its contrast to what lies behind it (WCAG 2.2, 1.4.3), the background being that of the nearest element below it
    /// that has one. A canvas turns any colour notation into numbers.
    /// </summary>
    private const string TextsOfLittleContrast =
        """
        () => {
          const pen = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', { willReadFrequently: true });
          const known = new Map();
          const rgba = colour => {
            if (!known.has(colour)) {
              pen.clearRect(0, 0, 1, 1);
              pen.fillStyle = colour;
              pen.fillRect(0, 0, 1, 1);
              known.set(colour, [...pen.getImageData(0, 0, 1, 1).data]);
            }
            return known.get(colour);
          };
          const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce((sum, v, k) => sum + v * [0.2126, 0.7152, 0.0722][k], 0);
          const ground = (element, svg) => {
            for (let at = element; at; at = at.parentElement) {
              const box = at.matches('g.node') ? at.querySelector('rect') : null;
              const colour = rgba(box ? getComputedStyle(box).fill : getComputedStyle(at).backgroundColor);
              if (colour[3] > 250) return colour;
            }
            return [255, 255, 255, 255];
          };
          const poor = [];
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          let seen = 0;
          while (walker.nextNode()) {
            const element = walker.currentNode.parentElement;
            if (!walker.currentNode.data.trim() || element.closest('script, noscript, .unseen, .skip, :disabled') || !element.checkVisibility({ visibilityProperty: true })) continue;
            seen++;
            const style = getComputedStyle(element);
            const [one, other] = [light(rgba(element instanceof SVGElement ? style.fill : style.color)), light(ground(element))].sort((a, b) => b - a);
            const contrast = (one + 0.05) / (other + 0.05);
            if (contrast < 4.5) poor.push(`${contrast.toFixed(2)}: ${walker.currentNode.data.trim().slice(0, 40)} (${element.className.baseVal ?? element.className})`);
          }
          return [String(seen), ...poor];
        }
        """;

    /// <summary>Fails where a text stands out too little, or where there was nothing to look at.</summary>
    public static async Task ExpectAsync(IPage page, string what)
    {
        string[] result = await page.EvaluateAsync<string[]>(TextsOfLittleContrast);
        Assert.True(int.Parse(result[0], CultureInfo.InvariantCulture) > 15, $"{what}: only {result[0]} texts were looked at.");
        Assert.True(result.Length == 1, $"{what}: {string.Join("\n", result)}");
    }
}
