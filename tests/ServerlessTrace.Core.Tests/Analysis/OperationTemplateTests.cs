using FsCheck.Xunit;
using ServerlessTrace.Core.Analysis;

namespace ServerlessTrace.Core.Tests.Analysis;

/// <summary>Names of operations without the ids in them.</summary>
public sealed class OperationTemplateTests
{
    [Theory]
    [InlineData("GET /orders/8f3c9a20", "GET /orders/{id}")]
    [InlineData("GET /orders/7", "GET /orders/{id}")]
    [InlineData("GET /v1/orders/12345/items/6?page=3", "GET /v1/orders/{id}/items/{id}?page={id}")]
    [InlineData("GET /users/6F9619FF-8B86-D011-B42D-00CF4FC964FF/avatar.png", "GET /users/{id}/avatar.png")]
    [InlineData("DELETE /customers/cust_10023", "DELETE /customers/cust_{id}")]
    [InlineData("POST /objects/507f1f77bcf86cd799439011", "POST /objects/{id}")]
    [InlineData("GET /files/01ARZ3NDEKTSV4RRFFQ69G5FAV", "GET /files/{id}")]
    [InlineData("process batch 20260226", "process batch {id}")]
    [InlineData("job-00017", "job-{id}")]
    [InlineData("abc 0af7651916cd43dd8448eb211c80319c", "abc {id}")]
    public void Ids_are_left_out(string name, string template) => Assert.Equal(template, OperationTemplate.Of(name));

    [Theory]
    [InlineData("GET /orders/{id}")]
    [InlineData("GET /api/v2/orders")]
    [InlineData("S3.PutObject")]
    [InlineData("oauth2 callback")]
    [InlineData("sha256")]
    [InlineData("step 2 of 3")]
    [InlineData("GET /facade/decade")]
    [InlineData("processPaymentV2Async")]
    [InlineData("")]
    [InlineData("Bestellung prüfen")]
    public void What_is_no_id_stays(string name) => Assert.Equal(name, OperationTemplate.Of(name));

    [Theory]
    [InlineData("GET /orders/{id}", "GET /orders/8f3c9a20", true)]
    [InlineData("GET /orders/8f3c9a20", "GET /orders/8f3c9a20", true)]
    [InlineData("GET /orders/8f3c9a20", "GET /orders/1a77bc03", false)]
    [InlineData("GET /orders/{id}", "GET /orders/{id}", true)]
    [InlineData("GET /orders/{id}", "GET /orders/new", false)]
    public void A_template_finds_the_names_that_it_is_of(string wanted, string name, bool isMatch) =>
        Assert.Equal(isMatch, OperationTemplate.IsMatch(wanted, name));

    [Property]
    public void A_template_has_no_ids(string? name)
    {
        string template = OperationTemplate.Of(name ?? string.Empty);
        Assert.Equal(template, OperationTemplate.Of(template));
    }
}
