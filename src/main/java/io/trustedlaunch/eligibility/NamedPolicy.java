package io.trustedlaunch.eligibility;

import io.trustedlaunch.api.image.ImageEligibilityPolicySpec;

/** The name and the spec of an ImageEligibilityPolicy. */
public record NamedPolicy(String name, ImageEligibilityPolicySpec spec) {}
