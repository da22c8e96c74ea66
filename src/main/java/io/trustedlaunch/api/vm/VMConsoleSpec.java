package io.trustedlaunch.api.vm;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Schemas;

/**
 * Which console, and who may use it.
 *
 * @param vmRef a TrustedLaunchVM of the same namespace
 * @param clientKeySHA256 SHA-256, lower-case hexadecimal, of the public key (SubjectPublicKeyInfo, DER) of the one client
 *     that the node's agent admits
 * @param kind Serial: the serial console. Screen: the graphical screen, by the protocol of VNC
 * @param requestedBy name of the user who opens the console, as kubectl auth whoami shows it; another name is refused
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@ValidationRule(value = "self == oldSelf", message = "a VMConsole is immutable: delete it and create another")
public record VMConsoleSpec(
        @Required ObjectRef vmRef,

        @Default("Serial") ConsoleKind kind,

        @Required @Pattern(Schemas.SHA256) @Size(min = 64, max = 64)
        String clientKeySHA256,

        @Required @Size(min = 1, max = 1024) String requestedBy) {
    public VMConsoleSpec {
        kind = kind == null ? ConsoleKind.Serial : kind;
    }
}
