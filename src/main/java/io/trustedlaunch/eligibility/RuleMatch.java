package io.trustedlaunch.eligibility;

import io.trustedlaunch.api.image.GuestImageForm;
import io.trustedlaunch.api.image.GuestImageSpec.Identifier;
import io.trustedlaunch.api.image.ImageEligibilityPolicySpec.Rule;
import java.util.List;
import java.util.Optional;

/** Matches a rule against an identifier. */
final class RuleMatch {
    private RuleMatch() {}

    /** Empty if the rule allows an image of that form with the identifier. */
    static Optional<RuleMiss> miss(Identifier image, GuestImageForm form, Rule rule) {
        return publisherMiss(image, rule)
                .or(() -> listMiss(RuleMiss.Step.OFFER, "offers", rule.offers(), "offer", image.offer()))
                .or(() -> listMiss(RuleMiss.Step.SKU, "skus", rule.skus(), "SKU", image.sku()))
                .or(() -> exception(image, rule))
                .or(() -> formMiss(form, rule));
    }

    private static Optional<RuleMiss> formMiss(GuestImageForm form, Rule rule) {
        return rule.forms().contains(form)
                ? Optional.empty()
                : Optional.of(new RuleMiss(
                        RuleMiss.Step.FORM, "its forms are " + rule.forms() + ", and the image has form " + form));
    }

    private static Optional<RuleMiss> publisherMiss(Identifier image, Rule rule) {
        return new Glob(rule.publisher()).matches(image.publisher())
                ? Optional.empty()
                : Optional.of(new RuleMiss(
                        RuleMiss.Step.PUBLISHER,
                        "its publisher " + rule.publisher() + " does not match the publisher " + image.publisher()));
    }

    private static Optional<RuleMiss> listMiss(
            RuleMiss.Step step, String list, List<String> patterns, String what, String value) {
        return patterns == null || matching(patterns, value).isPresent()
                ? Optional.empty()
                : Optional.of(new RuleMiss(
                        step, "none of its " + list + " " + patterns + " matches the " + what + " " + value));
    }

    private static Optional<RuleMiss> exception(Identifier image, Rule rule) {
        return rule.exceptSKUs() == null
                ? Optional.empty()
                : matching(rule.exceptSKUs(), image.sku())
                        .map(pattern -> new RuleMiss(
                                RuleMiss.Step.EXCEPTION,
                                "its exceptSKUs contains " + pattern + ", which matches the SKU " + image.sku()));
    }

    private static Optional<String> matching(List<String> patterns, String value) {
        return patterns.stream()
                .filter(pattern -> new Glob(pattern).matches(value))
                .findFirst();
    }
}
