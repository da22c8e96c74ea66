package io.trustedlaunch.operator.identity;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import io.trustedlaunch.custody.EkCertificateAuthority;
import io.trustedlaunch.custody.NodeCertificateAuthority;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Assembles the cluster's authorities, and what signs the certificates of nodes. */
public final class IdentityPart {
    private final AuthorityStore<NodeCertificateAuthority> nodes;
    private final AuthorityStore<NodeCertificateAuthority> qemu;
    private final AuthorityStore<EkCertificateAuthority> vtpms;
    private final IdentityReconciler reconciler;

    public IdentityPart(KubernetesClient client, String namespace, SecureRandom random, InstantSource clock) {
        KubeIdentityWriter writer = new KubeIdentityWriter(client);
        this.nodes = new AuthorityStore<>(AuthorityKind.NODES, client, writer, namespace, random, clock);
        this.qemu = new AuthorityStore<>(AuthorityKind.QEMU, client, writer, namespace, random, clock);
        this.vtpms = new AuthorityStore<>(AuthorityKind.VTPMS, client, writer, namespace, random, clock);
        this.reconciler = new IdentityReconciler(
                new IdentitySettings(namespace, IdentitySettings.DEFAULT_LIFETIME),
                new NodeAuthorities(nodes, qemu),
                writer,
                clock,
                random);
    }

    public void register(Operator operator) {
        operator.register(reconciler);
    }

    /** The authority of nodes, whose certificates sealing, migrations and consoles rely on. */
    public NodeCertificateAuthority nodes() {
        return nodes.present();
    }

    /** The authority of VMs' TPMs. */
    public EkCertificateAuthority vtpms() {
        return vtpms.present();
    }

    /** When the authorities expire, by their names. */
    public Map<String, Supplier<Optional<Instant>>> expirations() {
        return Map.of(
                AuthorityKind.NODES.name(), nodes::expiration,
                AuthorityKind.QEMU.name(), qemu::expiration,
                AuthorityKind.VTPMS.name(), vtpms::expiration);
    }
}
