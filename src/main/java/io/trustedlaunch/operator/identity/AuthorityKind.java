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
 * One of the operator's certificate authorities.
 *
 * @param name of its Secret and its ConfigMap
 * @param factory creates a new authority
 * @param parser of the PEM texts of its key and its certificate; throws IllegalArgumentException
 * @param replacement what the operator does when the Secret is deleted, for messages
 */
public record AuthorityKind<A extends CertificateAuthority>(
        String name,
        BiFunction<SecureRandom, Instant, A> factory,
        BiFunction<String, String, A> parser,
        String replacement) {

    private static final Duration NODES_LIFETIME = Duration.ofDays(3650);

    public static final AuthorityKind<NodeCertificateAuthority> NODES = ofNodes(PublishedAuthority.NODES);

    public static final AuthorityKind<NodeCertificateAuthority> QEMU = ofNodes(PublishedAuthority.QEMU);

    public static final AuthorityKind<EkCertificateAuthority> VTPMS = new AuthorityKind<>(
            PublishedAuthority.VTPMS,
            EkCertificateAuthority::create,
            EkCertificateAuthority::fromPem,
            "the operator creates a new authority; certificates of the old one stay as they are");

    private static AuthorityKind<NodeCertificateAuthority> ofNodes(String name) {
        return new AuthorityKind<>(
                name,
                (random, now) -> NodeCertificateAuthority.create(name, random, now, NODES_LIFETIME),
                NodeCertificateAuthority::fromPem,
                "the operator creates a new authority and issues new certificates to all nodes");
    }
}
