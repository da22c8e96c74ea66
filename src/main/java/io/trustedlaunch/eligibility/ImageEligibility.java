package io.trustedlaunch.eligibility;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.GuestImageSpec;
import io.trustedlaunch.api.image.ImageEligibilityPolicySpec;
import io.trustedlaunch.api.image.ImageEligibilityPolicySpec.Enforcement;
import io.trustedlaunch.api.image.ImageEligibilityPolicySpec.Rule;
import io.trustedlaunch.api.image.ImageEligibilityPolicySpec.WhenSecureBootOff;
import io.trustedlaunch.api.image.Provenance;
import io.trustedlaunch.eligibility.EligibilityVerdict.Allowed;
import io.trustedlaunch.eligibility.EligibilityVerdict.Refused;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Evaluates images against all policies. An image is eligible if one rule of one policy allows it. */
public final class ImageEligibility {
    private ImageEligibility() {}

    public static EligibilityVerdict evaluate(ImageClaim claim, List<NamedPolicy> policies) {
        if (policies.isEmpty()) {
            return new Refused(
                    Reason.NoPolicy,
                    "there is no ImageEligibilityPolicy, so no image is eligible: create one that allows the image");
        }
        Optional<Refused> incompatible = MachineCompatibility.check(claim);
        if (incompatible.isPresent()) {
            return incompatible.get();
        }
        List<NearMiss> misses = new ArrayList<>();
        for (NamedPolicy policy : sortedByName(policies)) {
            for (Rule rule : policy.spec().rules()) {
                EligibilityVerdict verdict = evaluate(claim, policy, rule, misses);
                if (verdict instanceof Allowed) {
                    return verdict;
                }
            }
        }
        return nearest(misses, claim.image());
    }

    /** Whether a policy applies to each start of a VM, not only to its creation. */
    public static boolean askedAtEveryStart(List<NamedPolicy> policies) {
        return policies.stream().anyMatch(policy -> policy.spec().enforcement() == Enforcement.EveryStart);
    }

    /** The first policy that refuses to start a VM with Secure Boot off. */
    public static Optional<String> requiresSecureBoot(List<NamedPolicy> policies) {
        return sortedByName(policies).stream()
                .filter(policy -> policy.spec().whenSecureBootOff() == WhenSecureBootOff.RefuseStart)
                .map(NamedPolicy::name)
                .findFirst();
    }

    /** Whether one policy by itself allows an image that fits the machine and whose identity is proved so far. */
    public static boolean allows(ImageEligibilityPolicySpec policy, GuestImageSpec image, Provenance proved) {
        return (policy.provenance() == Provenance.None || proved == Provenance.Signed)
                && policy.rules().stream()
                        .anyMatch(rule -> RuleMatch.miss(image.identifier(), image.formOrDefault(), rule)
                                .isEmpty());
    }

    private static List<NamedPolicy> sortedByName(List<NamedPolicy> policies) {
        return policies.stream().sorted(Comparator.comparing(NamedPolicy::name)).toList();
    }

    private static EligibilityVerdict evaluate(ImageClaim claim, NamedPolicy policy, Rule rule, List<NearMiss> misses) {
        String name = policy.name() + "/" + rule.name();
        return RuleMatch.miss(claim.image().identifier(), claim.image().formOrDefault(), rule)
                .or(() -> provenanceMiss(claim, policy))
                .map(miss -> {
                    misses.add(new NearMiss(name, miss));
                    return (EligibilityVerdict) new Refused(miss.reason(), miss.message());
                })
                .orElseGet(() -> new Allowed(name, claim.provenance()));
    }

    private static Optional<RuleMiss> provenanceMiss(ImageClaim claim, NamedPolicy policy) {
        return policy.spec().provenance() == Provenance.None || claim.provenance() == Provenance.Signed
                ? Optional.empty()
                : Optional.of(new RuleMiss(
                        RuleMiss.Step.PROVENANCE, "its policy requires provenance Signed, and " + claim.whyNoMatch()));
    }

    private static Refused nearest(List<NearMiss> misses, GuestImageSpec image) {
        String identifier = image.identifier().toString();
        return misses.stream()
                .max(Comparator.comparing(near -> near.miss().step()))
                .map(near -> new Refused(
                        near.miss().reason(),
                        "no rule allows " + identifier + "; the closest is " + near.rule() + ": "
                                + near.miss().message()))
                .orElseGet(() -> new Refused(
                        Reason.NoRuleAllows,
                        "no rule allows " + identifier + ": no policy has any rules; add one that allows it"));
    }

    private record NearMiss(String rule, RuleMiss miss) {}
}
