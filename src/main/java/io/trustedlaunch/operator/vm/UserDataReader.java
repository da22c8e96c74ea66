package io.trustedlaunch.operator.vm;

import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.vm.GuestConfig;
import io.trustedlaunch.custody.EnvelopeContent;
import io.trustedlaunch.operator.kube.TenantSecret;
import io.trustedlaunch.operator.vm.facts.UserDataFacts;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Reads and checks the Secret that configures a guest. */
final class UserDataReader {
    private static final Kind CLOUD_INIT =
            new Kind("spec.guestConfig.cloudInit.secretRef", "user-data", Set.of("meta-data", "network-config"));

    private static final Kind SYSPREP = new Kind("spec.guestConfig.sysprep.secretRef", "unattend.xml", Set.of());

    /** Both are named in the chart. */
    private static final String CLUSTER_ROLE = "trusted-launch-secret-reader";

    private static final String ACCOUNT = "trusted-launch-operator";

    private UserDataReader() {}

    /** The name of the Secret; empty if the VM has no guestConfig. */
    static Optional<String> secretName(GuestConfig config) {
        return source(config).map(source -> source.secretRef().name());
    }

    /**
     * @param namespace the VM's
     * @param operatorNamespace the operator's own
     */
    static UserDataFacts read(GuestConfig config, String namespace, TenantSecret secret, String operatorNamespace) {
        Kind kind = config.cloudInit() != null ? CLOUD_INIT : SYSPREP;
        String named = kind.field() + " names "
                + source(config).orElseThrow().secretRef().name() + ": ";
        return switch (secret) {
            case TenantSecret.Found found -> read(kind, named, found.secret());
            case TenantSecret.NotFound notFound ->
                new UserDataFacts.Unusable(
                        Reason.UserDataNotFound,
                        named + "this Secret does not exist in namespace " + namespace + "; create it there");
            case TenantSecret.Forbidden forbidden ->
                new UserDataFacts.Unusable(
                        Reason.SecretNotReadable,
                        named + "the operator has no permission to read this Secret in namespace " + namespace
                                + "; an administrator of the namespace grants it with: "
                                + grant(namespace, operatorNamespace));
        };
    }

    private static String grant(String namespace, String operatorNamespace) {
        return "kubectl create rolebinding trusted-launch-secrets --clusterrole=" + CLUSTER_ROLE + " --serviceaccount="
                + operatorNamespace + ":" + ACCOUNT + " --namespace " + namespace;
    }

    private static UserDataFacts read(Kind kind, String named, Secret secret) {
        TreeMap<String, byte[]> files = new TreeMap<>();
        if (secret.getData() != null) {
            secret.getData()
                    .forEach((key, value) -> files.put(key, Base64.getDecoder().decode(value)));
        }
        return kind.fault(files.keySet())
                .<UserDataFacts>map(fault -> new UserDataFacts.Unusable(Reason.UserDataInvalid, named + fault))
                .orElseGet(() -> sized(named, files));
    }

    private static UserDataFacts sized(String named, TreeMap<String, byte[]> files) {
        return EnvelopeContent.fits(files)
                ? new UserDataFacts.Files(files)
                : new UserDataFacts.Unusable(
                        Reason.UserDataTooLarge,
                        named + "the Secret may have at most " + EnvelopeContent.MAX_FILE_BYTES
                                + " bytes of data; let the guest download the rest");
    }

    private static Optional<GuestConfig.SecretSource> source(GuestConfig config) {
        return Optional.ofNullable(config)
                .map(given -> given.cloudInit() != null ? given.cloudInit() : given.sysprep());
    }

    private record Kind(String field, String required, Set<String> optional) {
        private Optional<String> fault(Set<String> keys) {
            if (!keys.contains(required)) {
                return Optional.of("the Secret lacks the key " + required + "; add it");
            }
            Set<String> unknown = new TreeSet<>(keys);
            unknown.remove(required);
            unknown.removeAll(optional);
            return unknown.isEmpty()
                    ? Optional.empty()
                    : Optional.of("the Secret has unknown keys " + unknown + "; remove them: supported are " + required
                            + (optional.isEmpty() ? "" : " and " + new TreeSet<>(optional)));
        }
    }
}
