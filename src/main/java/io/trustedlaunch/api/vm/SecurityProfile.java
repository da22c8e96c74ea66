package io.trustedlaunch.api.vm;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * Security settings of the VM. A trusted launch VM always has Secure Boot and a vTPM; false is refused. The fields are
 * those of Azure Local, so that a manifest says what the VM has.
 *
 * @param securityType default TrustedLaunch
 * @param enableTPM the VM has a TPM 2.0 of its own; always true
 * @param virtualizationBasedSecurity whether the guest gets nested virtualization and an IOMMU: Required, Offered (where the node
 *     has it) or None. By default it is Offered for Windows, and None for Linux. Whether the guest uses it, it decides itself
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record SecurityProfile(
        @Default("TrustedLaunch") SecurityType securityType,

        @Default("true")
        @ValidationRule(value = "self", message = "a trusted launch VM always has a vTPM: enableTPM must be true")
        Boolean enableTPM,

        @Default("{}") UefiSettings uefiSettings,
        VirtualizationBasedSecurity virtualizationBasedSecurity) {

    /** The kind of protection. */
    public enum SecurityType {
        TrustedLaunch
    }

    /**
     * Settings of the UEFI firmware.
     *
     * @param secureBootEnabled the firmware starts only signed boot loaders; always true
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record UefiSettings(
            @Default("true")
            @ValidationRule(
                    value = "self",
                    message = "a trusted launch VM always has Secure Boot: secureBootEnabled must be true")
            Boolean secureBootEnabled) {}
}
