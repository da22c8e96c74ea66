package io.trustedlaunch.fencer;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.FenceDeviceSpec;
import io.trustedlaunch.api.node.FenceDeviceSpec.Agent;
import io.trustedlaunch.custody.ServerTrust;
import io.trustedlaunch.fencer.device.FenceException;
import io.trustedlaunch.fencer.device.FenceTarget;
import io.trustedlaunch.fencer.device.FenceTargetBuilder;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The Secret of a FenceDevice. It names the node and the address that it is for: a user who may write FenceDevices, and no
 * Secrets, could have the credentials for one machine sent to another address, or to the controller of another node.
 */
record FenceSecret(String namespace, String name, Secret secret) {
    /** The characters that both fence agents and HTTP accept. */
    private static final Pattern CREDENTIAL = Pattern.compile("[ -~]{1,128}");

    /** @throws FenceException if there is no usable Secret; the message has none of its contents */
    static FenceTarget target(FenceDeviceSpec spec, String namespace, Optional<Secret> secret) throws FenceException {
        String name = spec.secretRef().name();
        return new FenceSecret(
                        namespace,
                        name,
                        secret.orElseThrow(() -> new FenceException(
                                Reason.FenceSecretNotFound,
                                "spec.secretRef names " + name + ": there is no such Secret in namespace " + namespace
                                        + "; create it there")))
                .target(spec);
    }

    private FenceTarget target(FenceDeviceSpec spec) throws FenceException {
        requireSame("nodeName", spec.nodeName());
        requireSame("address", spec.address());
        return FenceTargetBuilder.builder()
                .agent(spec.agent())
                .address(spec.address())
                .path(Optional.ofNullable(spec.systemsURI()))
                .username(credential("username"))
                .password(credential("password"))
                .caBundle(spec.agent() == Agent.fence_redfish ? authorities() : "")
                .build();
    }

    private void requireSame(String key, String expected) throws FenceException {
        if (!value(key).equals(expected)) {
            throw invalid(
                    "is for another " + key + " than the FenceDevice, which has " + expected + ": correct one of them");
        }
    }

    private String credential(String key) throws FenceException {
        String value = value(key);
        if (!CREDENTIAL.matcher(value).matches()) {
            throw invalid(
                    "has a " + key + " that is not 1 to 128 printable ASCII characters, for example one with a line"
                            + " break at its end: replace the Secret");
        }
        return value;
    }

    private String authorities() throws FenceException {
        String bundle = value("ca.crt");
        try {
            ServerTrust.only(bundle);
            return bundle;
        } catch (IllegalArgumentException e) {
            throw invalid("has a ca.crt that " + e.getMessage() + ": replace the Secret");
        }
    }

    private String value(String key) throws FenceException {
        return Optional.ofNullable(secret.getData())
                .map(data -> data.get(key))
                .map(value -> new String(Base64.getDecoder().decode(value), UTF_8))
                .orElseThrow(() -> invalid("lacks the key " + key + ": replace the Secret"));
    }

    private FenceException invalid(String what) {
        return new FenceException(
                Reason.FenceSecretInvalid, "Secret " + name + " in namespace " + namespace + " " + what);
    }

    @Override
    public String toString() {
        return "Secret " + name;
    }
}
