package io.trustedlaunch.cli.plugin.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.image.GuestImageForm;
import io.trustedlaunch.api.image.GuestImageSpec.Identifier;
import io.trustedlaunch.api.image.GuestImageSpecBuilder;
import io.trustedlaunch.api.image.GuestImageStatusBuilder;
import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.api.image.Provenance;
import java.util.List;
import org.junit.jupiter.api.Test;

class ImageListTest {
    private static final GuestImage GOOD = image(
            "ws2022",
            condition("Eligible", "True", "EligibleByRule", "rule azure-local/windows-server-2022 allows the image"),
            condition("Ready", "True", "ImageAccepted", "VMs can be made from it"));
    private static final GuestImage EXCEPTED = image(
            "w11-24h2",
            condition("Eligible", "False", "ExceptedByRule", "excepted by azure-local/windows-11"),
            condition("Ready", "False", "ExceptedByRule", "excepted by azure-local/windows-11"));
    private static final GuestImage HOMELESS = image(
            "elsewhere",
            condition("Eligible", "True", "EligibleByRule", "rule azure-local/windows-11 allows the image"),
            condition("Ready", "False", "StorageLocationNotFound", "no such StorageLocation exists"));
    private static final GuestImage NEW = image("new");

    @Test
    void sizesAreShownInTheUnitThatPeopleWouldTake() {
        assertThat(ImageList.size(1)).isEqualTo("1");
        assertThat(ImageList.size(1023)).isEqualTo("1023");
        assertThat(ImageList.size(11_358_175_232L)).isEqualTo("10.6Gi");
        assertThat(ImageList.size(1L << 46)).isEqualTo("64.0Ti");
    }

    @Test
    void onlyUsableImagesAreListed() {
        assertThat(new ImageList(List.of(EXCEPTED, HOMELESS, NEW, GOOD), "finance")
                        .usableTable()
                        .toString())
                .isEqualTo("""
                        NAME     OS        SKU        PROVENANCE   SIZE
                        ws2022   Windows   sku-of-x   Signed       10.6Gi
                        """);
    }

    @Test
    void theWholeListHasTheMessageOfEachImage() {
        assertThat(new ImageList(List.of(EXCEPTED, HOMELESS, NEW, GOOD), "finance")
                        .wholeTable()
                        .toString())
                .isEqualTo("""
                        NAME        OS        SKU        PROVENANCE   SIZE     USABLE   MESSAGE
                        elsewhere   Windows   sku-of-x   Signed       10.6Gi   no       no such StorageLocation exists
                        new         Windows   sku-of-x   -            -        no       no status yet: check that the operator is running
                        w11-24h2    Windows   sku-of-x   Signed       10.6Gi   no       excepted by azure-local/windows-11
                        ws2022      Windows   sku-of-x   Signed       10.6Gi   yes      rule azure-local/windows-server-2022 allows the image
                        """);
    }

    @Test
    void anEmptyListSaysWhy() {
        assertThat(new ImageList(List.of(), "finance").usableTable().toString()).contains("No GuestImage exists");
        assertThat(new ImageList(List.of(EXCEPTED, HOMELESS, NEW), "finance")
                        .usableTable()
                        .toString())
                .isEqualTo("""
                        No image can be used for a trusted launch VM.
                        ExceptedByRule (w11-24h2): excepted by azure-local/windows-11
                        StorageLocationNotFound (elsewhere): no such StorageLocation exists
                        Unknown (new): no status yet: check that the operator is running
                        To list all images with their messages: kubectl tlvm images --all
                        """);
    }

    @Test
    void anUnusableImageIsRefused() {
        ImageList images = new ImageList(List.of(EXCEPTED, GOOD), "finance");
        images.requireUsable("ws2022", GuestImageForm.Disk);
        assertThatThrownBy(() -> images.requireUsable("w11-24h2", GuestImageForm.Disk))
                .hasMessageContaining("cannot be used: excepted by azure-local/windows-11");
        assertThatThrownBy(() -> images.requireUsable("nothing", GuestImageForm.Disk))
                .hasMessageContaining("does not exist");
    }

    static GuestImage image(String name, Condition... conditions) {
        GuestImage image = new GuestImage();
        image.setMetadata(new ObjectMetaBuilder().withName(name).build());
        image.setSpec(GuestImageSpecBuilder.builder()
                .osType(OsType.Windows)
                .identifier(new Identifier("p", "o", "sku-of-x"))
                .version("1")
                .build());
        if (conditions.length > 0) {
            image.setStatus(GuestImageStatusBuilder.builder()
                    .observedGeneration(1L)
                    .provenance(Provenance.Signed)
                    .size(new Quantity("10832Mi"))
                    .conditions(List.of(conditions))
                    .build());
        }
        return image;
    }

    static Condition condition(String type, String status, String reason, String message) {
        return new ConditionBuilder()
                .withType(type)
                .withStatus(status)
                .withReason(reason)
                .withMessage(message)
                .build();
    }
}
