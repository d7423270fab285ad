// Not tried on the service.
"use strict";

// A custom code action of a workflow on deals, "Deal stage is known", which runs at each change. It
// comes after the move: where the gate would have refused it, the deal is put back.
// Input fields: dealstage, amount, playgate_put_back, owner_email. Secrets: PLAYGATE_TOKEN, HUBSPOT_TOKEN.

const GATE = process.env.PLAYGATE_URL || "https://gate.example.com";
const CRM = process.env.HUBSPOT_URL || "https://api.hubapi.com";
const STAGES = {
  // The id of each stage in HubSpot, and its id in the playbook.
  appointmentscheduled: "appointment-scheduled",
  qualifiedtobuy: "qualified-to-buy",
  presentationscheduled: "presentation-scheduled",
  decisionmakerboughtin: "decision-maker-bought-in",
  contractsent: "contract-sent",
  closedwon: "closed-won",
  closedlost: "closed-lost",
};

exports.main = async (event, callback) => {
  const deal = String(event.object.objectId);
  const { dealstage, amount, playgate_put_back: putBack, owner_email: owner } = event.inputFields;
  if (putBack && putBack === dealstage) {
    await change(deal, { playgate_put_back: "" }); // this is our own change
    return callback({ outputFields: { allowed: "put back" } });
  }
  const decision = await asked("POST", `${GATE}/v1/ask`, process.env.PLAYGATE_TOKEN, {
    deal,
    stage: STAGES[dealstage] || dealstage,
    ...(owner ? { by: owner } : {}),
    fields: amount ? { amount: Number(amount) } : {},
    unknown: "ignore",
  });
  if (!decision.allowed) {
    const before = await stageBefore(deal);
    const missing = decision.findings.filter((each) => each.refuses).map((each) => each.message);
    const why = missing.join("\n") || decision.note;
    await change(deal, { playgate_why: why, ...(before ? { dealstage: before, playgate_put_back: before } : {}) });
  }
  return callback({ outputFields: { allowed: String(decision.allowed) } });
};

async function stageBefore(deal) {
  const path = `/crm/v3/objects/deals/${encodeURIComponent(deal)}?propertiesWithHistory=dealstage`;
  const told = await asked("GET", CRM + path, process.env.HUBSPOT_TOKEN);
  const history = told.propertiesWithHistory.dealstage;
  return history.length > 1 ? history[1].value : "";
}

async function change(deal, properties) {
  const path = `/crm/v3/objects/deals/${encodeURIComponent(deal)}`;
  await asked("PATCH", CRM + path, process.env.HUBSPOT_TOKEN, { properties });
}

async function asked(method, url, token, body) {
  const answer = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(5000),
  });
  if (!answer.ok) throw new Error(`${method} ${new URL(url).pathname}: ${answer.status}`);
  return answer.json();
}
