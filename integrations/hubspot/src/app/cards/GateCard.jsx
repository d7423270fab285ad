// Not tried on the service.
import React, { useEffect, useState } from "react";
import { Alert, List, LoadingSpinner, Text, hubspot } from "@hubspot/ui-extensions";

hubspot.extend(({ context }) => <GateCard deal={context.crm.objectId} />);

// The function asks: the token has no place in a browser.
const GateCard = ({ deal }) => {
  const [card, setCard] = useState(null);
  const [wrong, setWrong] = useState("");
  useEffect(() => {
    hubspot
      .serverless("playgate_gate", { parameters: { deal: String(deal) } })
      .then(setCard)
      .catch((error) => setWrong(error.message));
  }, [deal]);
  if (wrong) return <Alert title="The gate could not be asked" variant="warning">{wrong}</Alert>;
  if (!card) return <LoadingSpinner label="Asking the gate" />;
  if (!card.next_title) return <Text>{card.note || "No stage follows."}</Text>;
  if (card.allowed) return <Alert title={`Ready for ${card.next_title}`} variant="success" />;
  return (
    <>
      <Text format={{ fontWeight: "bold" }}>Before {card.next_title}</Text>
      <List variant="unordered-styled">
        {card.missing.map((each) => <Text key={each.rule}>{each.message}</Text>)}
      </List>
    </>
  );
};
