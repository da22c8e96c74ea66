package io.trustedlaunch.testkit;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.image.GuestImageSpec;
import io.trustedlaunch.api.image.GuestImageSpecBuilder;
import io.trustedlaunch.api.image.ImageEligibilityPolicy;
import io.trustedlaunch.api.image.ImageEligibilityPolicySpec;
import io.trustedlaunch.api.image.ImageEligibilityPolicySpec.Enforcement;
import io.trustedlaunch.api.image.ImageEligibilityPolicySpec.Rule;
import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.api.image.Provenance;
import io.trustedlaunch.custody.Sha256;
import java.util.List;

/** The image of the VM in {@link Vms}, and a policy that allows it. */
public final class GuestImages {
    public static final String NAME = "ws2022";
    public static final String UID = "0d1b5a57-8f1c-4d0e-b3f5-6a1f0f6f2c11";
    public static final String DIGEST = Sha256.of(bytes());
    public static final String PUBLISHER = "publisher";

    private GuestImages() {}

    /** The smallest raw disk that is accepted: a boot sector. */
    public static byte[] bytes() {
        byte[] disk = new byte[512];
        disk[510] = 0x55;
        disk[511] = (byte) 0xAA;
        return disk;
    }

    public static GuestImage image() {
        GuestImage image = new GuestImage();
        image.setMetadata(named(NAME));
        image.setSpec(spec(DIGEST));
        return image;
    }

    /** @param digest null: the catalog is to say it */
    public static GuestImageSpec spec(String digest) {
        return GuestImageSpecBuilder.builder()
                .osType(OsType.Linux)
                .identifier(new GuestImageSpec.Identifier(PUBLISHER, "offer", "sku"))
                .version("1")
                .source(new GuestImageSpec.Source(
                        new GuestImageSpec.FileSource(new ObjectRef("default"), "images/a.qcow2"), null, null))
                .sha256(digest)
                .build();
    }

    public static ImageEligibilityPolicy policy() {
        ImageEligibilityPolicy policy = new ImageEligibilityPolicy();
        policy.setMetadata(named("lab"));
        policy.setSpec(new ImageEligibilityPolicySpec(
                Provenance.None,
                Enforcement.Creation,
                ImageEligibilityPolicySpec.WhenSecureBootOff.Report,
                List.of(new Rule("proof", PUBLISHER, null, null, null))));
        return policy;
    }

    static ObjectMeta named(String name) {
        return new ObjectMetaBuilder()
                .withName(name)
                .withCreationTimestamp("2026-01-01T00:00:00Z")
                .build();
    }
}
