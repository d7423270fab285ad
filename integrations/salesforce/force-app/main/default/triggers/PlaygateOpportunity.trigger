// Not tried on the service.
trigger PlaygateOpportunity on Opportunity (after insert, after update) {
    List<Map<String, Object>> events = new List<Map<String, Object>>();
    for (Opportunity each : Trigger.new) {
        Opportunity before = Trigger.isUpdate ? Trigger.oldMap.get(each.Id) : null;
        if (before == null || before.StageName != each.StageName) {
            events.add(PlaygateTold.moved(each));
        }
    }
    if (!events.isEmpty()) {
        System.enqueueJob(new PlaygateTold(events));
    }
}
