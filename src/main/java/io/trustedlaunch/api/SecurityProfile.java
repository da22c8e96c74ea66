package io.trustedlaunch.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * Chosen when a VM is created, and always the same: a trusted launch VM has Secure Boot and a vTPM. The fields exist
 * because Azure Local's schema has them, so that a manifest says what it gets; {@code false} is refused.
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record SecurityProfile(
        @Default("TrustedLaunch") SecurityType securityType,

        @Default("true")
        @ValidationRule(value = "self", message = "a trusted launch VM always has a vTPM: enableTPM must be true")
        Boolean enableTPM,

        @Default("{}") UefiSettings uefiSettings) {

    /** The security types of the reference that this API offers. */
    public enum SecurityType {
        TrustedLaunch
    }

    /** UEFI firmware settings. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record UefiSettings(
            @Default("true")
            @ValidationRule(
                    value = "self",
                    message = "a trusted launch VM always has Secure Boot: secureBootEnabled must be true")
            Boolean secureBootEnabled) {}
}
