package io.trustedlaunch.eligibility;

import io.trustedlaunch.api.Reason;

/** Why a rule does not allow an image. The later the step that failed, the closer the rule. */
record RuleMiss(Step step, String message) {
    enum Step {
        PUBLISHER(Reason.NoRuleAllows),
        OFFER(Reason.NoRuleAllows),
        SKU(Reason.NoRuleAllows),
        EXCEPTION(Reason.ExceptedByRule),
        FORM(Reason.NoRuleAllows),
        PROVENANCE(Reason.ProvenanceMissing);

        private final Reason reason;

        Step(Reason reason) {
            this.reason = reason;
        }
    }

    Reason reason() {
        return step.reason;
    }
}
