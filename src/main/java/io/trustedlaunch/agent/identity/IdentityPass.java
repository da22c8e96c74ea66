package io.trustedlaunch.agent.identity;

import io.trustedlaunch.custody.CertificatePurpose;
import io.trustedlaunch.custody.NodeKeyPair;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One pass for one purpose: gather → plan → carry out. */
final class IdentityPass {
    private static final Logger LOG = LoggerFactory.getLogger(IdentityPass.class);

    private final String nodeName;
    private final IdentityFiles files;
    private final CertificateRequests requests;
    private final InstantSource clock;
    private final SecureRandom random;

    IdentityPass(
            String nodeName,
            IdentityFiles files,
            CertificateRequests requests,
            InstantSource clock,
            SecureRandom random) {
        this.nodeName = nodeName;
        this.files = files;
        this.requests = requests;
        this.clock = clock;
        this.random = random;
    }

    IdentityStep run(CertificatePurpose purpose) {
        IdentityStep step = IdentityPlanner.plan(gather(purpose), clock.instant());
        switch (step) {
            case IdentityStep.MakeKey makeKey -> {
                NodeKeyPair pair = NodeKeyPair.generate(random);
                files.storeKey(purpose, pair);
                LOG.info("Made {} key {}", purpose.label(), pair.keyId());
            }
            case IdentityStep.Request request -> {
                requests.request(purpose, request.pair());
                LOG.info(
                        "Requested a certificate for {} key {}",
                        purpose.label(),
                        request.pair().keyId());
            }
            case IdentityStep.Store store -> {
                files.storeCertificate(purpose, store.certificate(), store.authority());
                LOG.info(
                        "Stored the {} certificate, valid until {}",
                        purpose.label(),
                        store.certificate().getNotAfter().toInstant());
            }
            case IdentityStep.Wait wait -> LOG.debug("{}: {}", purpose.label(), wait.message());
            case IdentityStep.Settled settled -> LOG.debug("The {} certificate is valid", purpose.label());
            case IdentityStep.Blocked blocked ->
                LOG.error("The node has no {} identity: {}", purpose.label(), blocked.message());
        }
        return step;
    }

    private IdentityFacts gather(CertificatePurpose purpose) {
        StoredIdentity stored = files.read(purpose);
        boolean synced = requests.isSynced();
        return IdentityFactsBuilder.builder()
                .nodeName(nodeName)
                .purpose(purpose)
                .stored(stored)
                .synced(synced)
                .authority(synced ? requests.authority(purpose) : Optional.empty())
                .newest(synced ? pairOf(stored).flatMap(pair -> requests.newest(purpose, pair)) : Optional.empty())
                .build();
    }

    private static Optional<NodeKeyPair> pairOf(StoredIdentity stored) {
        return switch (stored) {
            case StoredIdentity.NoKey noKey -> Optional.empty();
            case StoredIdentity.Unusable unusable -> Optional.empty();
            case StoredIdentity.KeyOnly keyOnly -> Optional.of(keyOnly.pair());
            case StoredIdentity.Certified certified -> Optional.of(certified.pair());
        };
    }
}
