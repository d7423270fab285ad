// Not tried on the service.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Runtime.Serialization;
using System.Runtime.Serialization.Json;
using System.IO;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Xrm.Sdk;
using Microsoft.Xrm.Sdk.Query;

/// <summary>
/// Registered on Update of the business process flow's table (opportunitysalesprocess), stage
/// PreOperation, synchronous, filtering attribute activestageid; the secure configuration is
/// "https://gate.example.com TOKEN". What it throws undoes the change, by whatever way it came.
/// </summary>
public sealed class PlaygateGate : IPlugin
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private readonly string _gate;
    private readonly string _token;

    public PlaygateGate(string unsecure, string secure)
    {
        var parts = (secure ?? "").Split(' ');
        if (parts.Length != 2) throw new InvalidPluginExecutionException("playgate: no address and token");
        _gate = parts[0].TrimEnd('/');
        _token = parts[1];
    }

    public void Execute(IServiceProvider provider)
    {
        var context = (IPluginExecutionContext)provider.GetService(typeof(IPluginExecutionContext));
        var factory = (IOrganizationServiceFactory)provider.GetService(typeof(IOrganizationServiceFactory));
        var service = factory.CreateOrganizationService(null);
        var target = (Entity)context.InputParameters["Target"];
        var stage = target.GetAttributeValue<EntityReference>("activestageid");
        if (stage == null) return;
        var flow = service.Retrieve(target.LogicalName, target.Id, new ColumnSet("opportunityid"));
        var deal = flow.GetAttributeValue<EntityReference>("opportunityid");
        var label = service.Retrieve("processstage", stage.Id, new ColumnSet("stagename"))
            .GetAttributeValue<string>("stagename");
        var who = service.Retrieve("systemuser", context.InitiatingUserId, new ColumnSet("internalemailaddress"))
            .GetAttributeValue<string>("internalemailaddress");
        var decision = Ask(deal.Id.ToString(), Named(label), who);
        if (!decision.allowed)
        {
            var missing = decision.findings.Where(each => each.refuses).Select(each => each.message);
            throw new InvalidPluginExecutionException(string.Join("\n", missing.DefaultIfEmpty(decision.note)));
        }
    }

    private Decision Ask(string deal, string stage, string by)
    {
        var question = new Question { deal = deal, stage = stage, by = by, unknown = "ignore" };
        using (var client = new HttpClient { Timeout = Patience })
        using (var request = new HttpRequestMessage(HttpMethod.Post, _gate + "/v1/ask"))
        {
            client.DefaultRequestHeaders.ConnectionClose = true;
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token);
            request.Content = new StringContent(Written(question), Encoding.UTF8, "application/json");
            try
            {
                var answer = client.SendAsync(request).GetAwaiter().GetResult();
                answer.EnsureSuccessStatusCode();
                return Read(answer.Content.ReadAsStringAsync().GetAwaiter().GetResult());
            }
            catch (Exception error) when (!(error is InvalidPluginExecutionException))
            {
                throw new InvalidPluginExecutionException("The gate could not be asked: " + error.Message);
            }
        }
    }

    private static string Named(string label)
    {
        return Regex.Replace(label.ToLowerInvariant(), "[^a-z0-9]+", "-").Trim('-');
    }

    private static string Written(Question question)
    {
        using (var stream = new MemoryStream())
        {
            new DataContractJsonSerializer(typeof(Question)).WriteObject(stream, question);
            return Encoding.UTF8.GetString(stream.ToArray());
        }
    }

    private static Decision Read(string text)
    {
        using (var stream = new MemoryStream(Encoding.UTF8.GetBytes(text)))
        {
            return (Decision)new DataContractJsonSerializer(typeof(Decision)).ReadObject(stream);
        }
    }

    [DataContract]
    private sealed class Question
    {
        [DataMember] public string deal;
        [DataMember] public string stage;
        [DataMember(EmitDefaultValue = false)] public string by;
        [DataMember] public string unknown;
    }

    [DataContract]
    private sealed class Decision
    {
        [DataMember] public bool allowed;
        [DataMember] public string note;
        [DataMember] public List<Finding> findings;
    }

    [DataContract]
    private sealed class Finding
    {
        [DataMember] public bool refuses;
        [DataMember] public string message;
    }
}
