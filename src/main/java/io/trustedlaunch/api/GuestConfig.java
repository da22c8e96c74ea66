package io.trustedlaunch.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;

/** What the guest is told at its first boot: one of the two. */
@JsonIgnoreProperties(ignoreUnknown = true)
@ValidationRule(
        value = "has(self.cloudInit) != has(self.sysprep)",
        message = "guestConfig takes either cloudInit or sysprep, not both and not neither")
public record GuestConfig(SecretSource cloudInit, SecretSource sysprep) {

    /**
     * A Secret in the VM's namespace. For cloudInit its keys are NoCloud's file names ({@code user-data}, and optionally
     * {@code meta-data}, {@code network-config}); for sysprep {@code unattend.xml}.
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record SecretSource(@Required ObjectRef secretRef) {}
}
