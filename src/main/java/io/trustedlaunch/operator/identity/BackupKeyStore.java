package io.trustedlaunch.operator.identity;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.custody.BackupKeyPair;
import io.trustedlaunch.operator.kube.ApiReader;
import io.trustedlaunch.recovery.ClusterBackupKeys;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/**
 * Stores the cluster's backup keys: in a Secret that only the operator reads, and the certificate of the present one in a
 * ConfigMap. The Secret is read at each use, since administrators replace keys in it and add those of other clusters.
 */
public final class BackupKeyStore {
    private static final String SECRET_TYPE = Api.GROUP + "/backup-key";

    private final String namespace;
    private final ApiReader reader;
    private final ResourceWriter writer;
    private final SecureRandom random;
    private final InstantSource clock;

    /** The certificate that this process has seen in the ConfigMap; it is not looked up each time. */
    private volatile String published = "";

    /** @param namespace the operator's own */
    public BackupKeyStore(
            String namespace, ApiReader reader, ResourceWriter writer, SecureRandom random, InstantSource clock) {
        this.namespace = namespace;
        this.reader = reader;
        this.writer = writer;
        this.random = random;
        this.clock = clock;
    }

    /**
     * The keys that there are.
     *
     * @throws IllegalStateException if the Secret is not usable; it is not replaced, since it may open backups
     */
    public ClusterBackupKeys read() {
        return reader.secret(namespace, ClusterBackupKeys.NAME).map(this::parse).orElse(ClusterBackupKeys.NONE);
    }

    private ClusterBackupKeys parse(Secret secret) {
        try {
            return ClusterBackupKeys.of(data(secret));
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException("Secret " + namespace + "/" + ClusterBackupKeys.NAME + " is not usable: "
                    + e.getMessage() + "; correct it, or restore it from a backup");
        }
    }

    /**
     * The keys, with one that seals: it is made if there is none, and its certificate is published. Of two operators that both
     * make one, one succeeds, and both use that.
     *
     * @throws IllegalStateException if the Secret is not usable
     */
    public ClusterBackupKeys present() {
        Secret secret = reader.secret(namespace, ClusterBackupKeys.NAME).orElseGet(this::createSecret);
        if (!data(secret).containsKey(ClusterBackupKeys.KEY)) {
            secret = writer.mergeData(secret, inBase64(newPair()));
        }
        ClusterBackupKeys keys = parse(secret);
        publish(data(secret).get(ClusterBackupKeys.CERTIFICATE));
        return keys;
    }

    private Secret createSecret() {
        return writer.createIfAbsent(new SecretBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(ClusterBackupKeys.NAME)
                .endMetadata()
                .withType(SECRET_TYPE)
                .withData(inBase64(newPair()))
                .build());
    }

    private BackupKeyPair newPair() {
        return BackupKeyPair.create(random, clock.instant());
    }

    private static Map<String, String> inBase64(BackupKeyPair pair) {
        return Map.of(
                ClusterBackupKeys.KEY, base64(pair.keyPem()),
                ClusterBackupKeys.CERTIFICATE, base64(pair.certificatePem()));
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(US_ASCII));
    }

    private static Map<String, String> data(Secret secret) {
        return Optional.ofNullable(secret.getData()).orElseGet(Map::of);
    }

    private void publish(String base64) {
        if (base64.equals(published)) {
            return;
        }
        Map<String, String> data = Map.of(
                ClusterBackupKeys.CERTIFICATE, new String(Base64.getDecoder().decode(base64), US_ASCII));
        ConfigMap configMap =
                reader.configMap(namespace, ClusterBackupKeys.NAME).orElseGet(() -> createConfigMap(data));
        if (!data.equals(configMap.getData())) {
            writer.mergeData(configMap, data);
        }
        published = base64;
    }

    private ConfigMap createConfigMap(Map<String, String> data) {
        return writer.createIfAbsent(new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(ClusterBackupKeys.NAME)
                .endMetadata()
                .withData(data)
                .build());
    }
}
