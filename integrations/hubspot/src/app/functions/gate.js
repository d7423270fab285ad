// Not tried on the service.
"use strict";

const GATE = process.env.PLAYGATE_URL || "https://gate.example.com";

/** What a deal lacks for its next stage, for the card. */
exports.main = async (context) => {
  const deal = encodeURIComponent(context.parameters.deal);
  const answer = await fetch(`${GATE}/v1/deals/${deal}/card`, {
    headers: { authorization: `Bearer ${process.env.PLAYGATE_TOKEN}`, accept: "application/json" },
    signal: AbortSignal.timeout(5000),
  });
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.title);
  return told;
};
