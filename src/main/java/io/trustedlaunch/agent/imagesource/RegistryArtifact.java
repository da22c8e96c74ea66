package io.trustedlaunch.agent.imagesource;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.GuestImageSpec.OciSource;
import io.trustedlaunch.custody.PullCredentials;
import io.trustedlaunch.custody.Sha256;
import io.trustedlaunch.web.HttpsClient;
import io.trustedlaunch.web.HttpsException;
import io.trustedlaunch.web.HttpsResponse;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/** An image that is the only layer of an artifact in a registry. */
public final class RegistryArtifact extends RemoteImage {
    /** The limit that the distribution specification lets registries expect. */
    private static final int MAX_MANIFEST = 4 << 20;

    private static final int OK = 200;

    private final OciSource source;

    public RegistryArtifact(OciSource source, Optional<PullCredentials> credentials) {
        this(source, FetchOptions.with(credentials));
    }

    RegistryArtifact(OciSource source, FetchOptions options) {
        super("spec.source.oci", "pullSecretRef", source.caBundle(), options);
        this.source = source;
    }

    @Override
    String address(ServerRefusals refusals) {
        return source.reference();
    }

    @Override
    void fetch(HttpsClient client, StagedFile file, WantedImage wanted, ServerRefusals refusals) throws IOException {
        OciReference reference = reference(refusals);
        Registry registry = new Registry(
                client, reference, options().credentials(), refusals, options().timeout());
        OciManifest layer = layer(registry, reference, refusals);
        if (!layer.digest().equals("sha256:" + wanted.sha256())) {
            throw refusals.refused(
                    Reason.DigestMismatch,
                    source.reference() + " has the layer " + OciManifest.cut(layer.digest())
                            + ", but its GuestImage has sha256:" + wanted.sha256()
                            + "; push the right file, or reference the right artifact");
        }
        file.require(layer.bytes());
        new Download(
                        headers -> registry.send(reference.blob(wanted.sha256()), headers),
                        refusals,
                        options().timeout())
                .into(file);
    }

    private OciReference reference(ServerRefusals refusals) {
        try {
            return OciReference.parse(source.reference());
        } catch (IllegalArgumentException e) {
            throw refusals.refused(
                    Reason.ImageSourceMissing,
                    "spec.source.oci.reference: " + e.getMessage() + "; create a GuestImage with a correct one");
        }
    }

    private OciManifest layer(Registry registry, OciReference reference, ServerRefusals refusals) {
        Map<String, String> accepted = Map.of("Accept", OciManifest.MEDIA_TYPE + ", " + OciManifest.INDEX);
        try (HttpsResponse response = registry.send(reference.manifest(), accepted)) {
            if (response.status() != OK) {
                throw refusals.of(response);
            }
            byte[] manifest = response.upTo(MAX_MANIFEST, options().timeout())
                    .orElseThrow(() -> new IllegalArgumentException(
                            "its manifest is longer than 4 MiB; push only the image's file with oras push"));
            if (reference
                    .digest()
                    .filter(digest -> !digest.equals(Sha256.of(manifest)))
                    .isPresent()) {
                throw new IllegalArgumentException(
                        "the registry sent another manifest for this digest; check the registry");
            }
            return OciManifest.parse(manifest, response.header("Content-Type"));
        } catch (HttpsException e) {
            throw refusals.of(e);
        } catch (IllegalArgumentException e) {
            throw refusals.refused(Reason.ImageArtifactUnusable, source.reference() + ": " + e.getMessage());
        }
    }
}
