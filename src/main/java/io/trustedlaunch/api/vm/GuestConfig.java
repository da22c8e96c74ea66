package io.trustedlaunch.api.vm;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;
import io.trustedlaunch.api.ObjectRef;

/**
 * User data for the guest's first boot; either cloudInit or sysprep.
 *
 * @param cloudInit for cloud-init, as a NoCloud disc. Keys of the Secret are user-data, and optionally meta-data and
 *     network-config
 * @param sysprep for Windows setup. The key of the Secret is unattend.xml
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@ValidationRule(
        value = "has(self.cloudInit) != has(self.sysprep)",
        message = "guestConfig takes either cloudInit or sysprep, not both and not neither")
public record GuestConfig(SecretSource cloudInit, SecretSource sysprep) {

    /**
     * Where user data is.
     *
     * @param secretRef a Secret in the VM's namespace; all of it may have 256 KiB
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record SecretSource(@Required ObjectRef secretRef) {}
}
