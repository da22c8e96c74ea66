package io.trustedlaunch.eligibility;

import io.trustedlaunch.api.ImageEligibilityPolicySpec;

/** An ImageEligibilityPolicy by its name. */
public record NamedPolicy(String name, ImageEligibilityPolicySpec spec) {}
