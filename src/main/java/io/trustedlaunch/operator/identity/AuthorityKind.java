package io.trustedlaunch.operator.identity;

import io.trustedlaunch.custody.CertificateAuthority;
import io.trustedlaunch.custody.EkCertificateAuthority;
import io.trustedlaunch.custody.NodeCertificateAuthority;
import io.trustedlaunch.custody.PublishedAuthority;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BiFunction;

/**
 * An authority that the operator keeps.
 *
 * @param name of its Secret and its ConfigMap
 * @param maker of a new one, as of now
 * @param reader from the PEM texts of its key and its certificate; an IllegalArgumentException if they are none
 * @param replacement what follows when its Secret is deleted, for people
 */
public record AuthorityKind<A extends CertificateAuthority>(
        String name,
        BiFunction<SecureRandom, Instant, A> maker,
        BiFunction<String, String, A> reader,
        String replacement) {

    private static final Duration NODES_LIFETIME = Duration.ofDays(3650);

    public static final AuthorityKind<NodeCertificateAuthority> NODES = ofNodes(PublishedAuthority.NODES);

    public static final AuthorityKind<NodeCertificateAuthority> QEMU = ofNodes(PublishedAuthority.QEMU);

    public static final AuthorityKind<EkCertificateAuthority> VTPMS = new AuthorityKind<>(
            PublishedAuthority.VTPMS,
            EkCertificateAuthority::create,
            EkCertificateAuthority::fromPem,
            "a new one is made, and the certificates that the old one issued stay what they are");

    private static AuthorityKind<NodeCertificateAuthority> ofNodes(String name) {
        return new AuthorityKind<>(
                name,
                (random, now) -> NodeCertificateAuthority.create(name, random, now, NODES_LIFETIME),
                NodeCertificateAuthority::fromPem,
                "a new one is made and all nodes are certified anew");
    }
}
