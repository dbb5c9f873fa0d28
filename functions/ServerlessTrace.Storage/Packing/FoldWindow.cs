using System.Runtime.CompilerServices;
using System.Text;

namespace ServerlessTrace.Storage.Packing;

/// <summary>
/// Text that stands before the texts of every folded pack, so that even a pack's first texts find something to repeat: fragments that are common in
/// span attributes. It belongs to format version 1 and must never change.
/// </summary>
internal static class FoldWindow
{
    /// <summary>Hashes of this many bits.</summary>
    public const int HashBits = 11;
    public const int LeastMatch = 4;

    /// <summary>Positions are 16-bit numbers; longer texts are zstd's.</summary>
    public const int LargestTexts = 49_152;

    private const string Text =
        " FROM  WHERE  = ? AND  ORDER BY  LIMIT INSERT INTO  VALUES (UPDATE  SET DELETE FROM SELECT * FROM "
        + "java.lang.NullPointerExceptionjava.lang.IllegalStateException: java.util.concurrent.TimeoutException\n\tat org.springframework."
        + "Traceback (most recent call last):\n  File \"/usr/lib/python3/site-packages/.py\", line , in TypeError: undefined\n    at Object.<anonymous> (/app/node_modules/.js:"
        + "System.InvalidOperationException: System.Threading.Tasks.TaskCanceledException: System.Net.Http.HttpRequestException: \n   at System.Runtime.\n   at Microsoft.AspNetCore."
        + "connection refusedconnection reset by peerdeadline exceededupstream request timeout after ms: not foundunauthorizedinternal server error"
        + "us-east-1us-west-2eu-west-1eu-central-1westeuropenorthcentraluseastus2asia-southeast1 application/json; charset=utf-8text/html"
        + "catalogfulfillmentfrontendidentityprofilerecommendationsearchsettlementsubscriptionbillingsharedvalidateconfirmationreservationavailability"
        + "cart-serviceuser-serviceorder-serviceproduct-serviceshipping-servicecheckout-serviceinventory-servicedatabasenotification-servicepayment-serviceauth-serviceapi-gateway"
        + "amqp://kafka://redis://mysql://mongodb://postgresql://grpc://http://localhost:8080/.svc.cluster.local:.example.com/https://api.https://www."
        + "GET /api/v2/POST /api/v1/users/orders/payments/products/accounts/sessions/tokens/invoices/customers/items/status/search?id=&limit=&page=&cursor=&offset="
        + "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36"
        + "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
        + "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
        + "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0 Gecko/20100101 Firefox/127.0";

    public static ReadOnlySpan<byte> Bytes => s_bytes;

    /// <summary>For each hash the last position of four bytes in the window that have it, plus one.</summary>
    public static ReadOnlySpan<ushort> Positions => s_positions;

    private static readonly byte[] s_bytes = Encoding.ASCII.GetBytes(Text);

    private static readonly ushort[] s_positions = Index();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Hash(uint bytes) => (bytes * 2654435761) >> (32 - HashBits);

    private static ushort[] Index()
    {
        ushort[] positions = new ushort[1 << HashBits];
        for (int i = 0; i + LeastMatch <= s_bytes.Length; i++)
        {
            positions[Hash(BitConverter.ToUInt32(s_bytes, i))] = (ushort)(i + 1);
        }

        return positions;
    }
}
