package io.trustedlaunch.agent.imagesource;

import io.trustedlaunch.api.GuestImageSpec.OciSource;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.custody.PullCredentials;
import io.trustedlaunch.custody.Sha256;
import io.trustedlaunch.web.HttpsClient;
import io.trustedlaunch.web.HttpsException;
import io.trustedlaunch.web.HttpsResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/** An image that is the one layer of an artifact in a registry. */
public final class RegistryArtifact implements ImageSource {
    /** What the distribution specification lets a registry expect. */
    private static final int MAX_MANIFEST = 4 << 20;

    private static final int OK = 200;

    private final OciSource source;
    private final FetchOptions access;

    public RegistryArtifact(OciSource source, Optional<PullCredentials> credentials) {
        this(source, FetchOptions.with(credentials));
    }

    RegistryArtifact(OciSource source, FetchOptions access) {
        this.source = source;
        this.access = access;
    }

    @Override
    public void bring(Path staged, WantedImage wanted, Progress progress) {
        ServerRefusals refusals = new ServerRefusals(
                wanted.name(),
                "spec.source.oci",
                "pullSecretRef",
                access.credentials().isPresent(),
                InstantSource.system());
        new Transfer(access.space())
                .of(
                        "image " + wanted.name() + " at " + source.reference(),
                        staged,
                        wanted,
                        progress,
                        file -> fetch(file, wanted, refusals));
    }

    private void fetch(StagedFile file, WantedImage wanted, ServerRefusals refusals) throws IOException {
        OciReference reference = reference(refusals);
        try (HttpsClient client = refusals.believing(source.caBundle())) {
            Registry registry = new Registry(client, reference, access.credentials(), refusals, access.patience());
            OciManifest layer = layer(registry, reference, refusals);
            if (!layer.digest().equals("sha256:" + wanted.sha256())) {
                throw refusals.refused(
                        Reason.DigestMismatch,
                        source.reference() + " has the layer " + OciManifest.cut(layer.digest())
                                + ", its GuestImage says sha256:" + wanted.sha256()
                                + ": push the right file there, or name the right artifact");
            }
            file.require(layer.bytes());
            new Download(headers -> registry.ask(reference.blob(wanted.sha256()), headers), refusals, access.patience())
                    .into(file);
        }
    }

    private OciReference reference(ServerRefusals refusals) {
        try {
            return OciReference.parse(source.reference());
        } catch (IllegalArgumentException e) {
            throw refusals.refused(Reason.ImageSourceMissing, "spec.source.oci.reference: " + e.getMessage());
        }
    }

    private OciManifest layer(Registry registry, OciReference reference, ServerRefusals refusals) {
        Map<String, String> accepted = Map.of("Accept", OciManifest.MEDIA_TYPE + ", " + OciManifest.INDEX);
        try (HttpsResponse answer = registry.ask(reference.manifest(), accepted)) {
            if (answer.status() != OK) {
                throw refusals.of(answer);
            }
            byte[] manifest = answer.upTo(MAX_MANIFEST, access.patience())
                    .orElseThrow(() -> new IllegalArgumentException("its manifest is longer than 4 MiB"));
            if (reference
                    .digest()
                    .filter(digest -> !digest.equals(Sha256.of(manifest)))
                    .isPresent()) {
                throw new IllegalArgumentException("the registry has another manifest under this digest");
            }
            return OciManifest.parse(manifest, answer.header("Content-Type"));
        } catch (HttpsException e) {
            throw refusals.of(e);
        } catch (IllegalArgumentException e) {
            throw refusals.refused(Reason.ImageArtifactUnusable, source.reference() + ": " + e.getMessage());
        }
    }
}
