/** Which images trusted launch VMs may be created from: ImageEligibilityPolicies, evaluated for an image. Pure. */
package io.trustedlaunch.eligibility;
