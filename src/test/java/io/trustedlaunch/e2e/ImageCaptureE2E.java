package io.trustedlaunch.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.trustedlaunch.agent.imageform.ImageForm;
import io.trustedlaunch.agent.imageform.ImageInspector;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupDownload;
import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.image.GuestImageSpecBuilder;
import io.trustedlaunch.api.image.ImageCatalog;
import io.trustedlaunch.api.image.ImageCatalogSpec;
import io.trustedlaunch.api.image.ImageEligibilityPolicy;
import io.trustedlaunch.api.image.ImageEligibilityPolicySpec;
import io.trustedlaunch.api.image.Provenance;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.custody.Sha256;
import io.trustedlaunch.testkit.CatalogSigningKey;
import io.trustedlaunch.testkit.Lab.CommandResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A VM becomes an image, and the image, once a signed catalog lists it, another VM. */
class ImageCaptureE2E {
    private static final String GOLDEN = "golden";
    private static final String COPY = "copy";

    @Test
    void aCapturedVmIsAnImageOfWhichAnotherVmIsMadeOnceACatalogListsIt() throws Exception {
        try (Stage stage = Stage.open("capture")) {
            stage.create(stage.vm(GOLDEN));
            TrustedLaunchVM golden = stage.awaitRunning(GOLDEN);
            String uid = golden.identity();
            String host = golden.getStatus().nodeName();
            stage.awaitBoots(uid, 1);
            BackupRestoreE2E.write(stage, uid, GOLDEN, "first");
            Backups backups = Backups.of(stage, GOLDEN);
            Path folder = Files.createDirectory(stage.lab.folder().resolve("captured-" + stage.nonce));
            Path file = folder.resolve("golden-" + stage.nonce + ".qcow2");

            CommandResult running = capture(stage, backups, file);
            assertThat(running.exitCode()).isNotZero();
            assertThat(running.output()).contains(GOLDEN + " runs");
            assertThat(folder).isEmptyDirectory();

            stage.setRunStrategy(GOLDEN, RunStrategy.Halted);
            stage.awaitHalted(GOLDEN);
            long begin = System.nanoTime();
            String said = capture(stage, backups, file).orFail();
            System.out.println("captured in " + Duration.ofNanos(System.nanoTime() - begin));

            assertIsDisk(stage, host, file, stage.folderOf(uid).resolve("os.qcow2"));
            awaitNothingLeft(stage);
            GuestImage image = Serialization.unmarshal(said.substring(said.indexOf("# Copy")), GuestImage.class);
            assertThat(image.getSpec().sha256()).isEqualTo(Sha256.of(Files.readAllBytes(file)));
            publish(stage, file);
            stage.create(image);
            try {
                awaitEligible(stage, image, "False");
                list(stage, folder);
                awaitEligible(stage, image, "True");
                GuestImage other = stage.create(another(image));
                awaitEligible(stage, other, "False");
                stage.client.resource(other).delete();

                stage.create(stage.vm(COPY).image(image.getMetadata().getName()));
                TrustedLaunchVM copy = stage.awaitRunning(COPY);
                stage.awaitBoots(copy.identity(), 1);
                assertThat(copy.getStatus().image().provenance()).isEqualTo(Provenance.Signed);
                assertThat(copy.getStatus().image().sha256())
                        .isEqualTo(image.getSpec().sha256());
                assertThat(copy.getStatus().vTPM().ekDigest())
                        .isNotEqualTo(golden.getStatus().vTPM().ekDigest());
                assertThat(stage.console(copy.identity()))
                        .as("the disk is the captured one, and the TPM is new")
                        .contains("PROOF note=first", "PROOF nv=none")
                        .contains("PROOF ek=000b" + copy.getStatus().vTPM().ekDigest());
            } finally {
                stage.delete(COPY);
                stage.client.resource(image).delete();
                stage.client
                        .resources(ImageEligibilityPolicy.class)
                        .withName("own-" + stage.nonce)
                        .delete();
                stage.client
                        .resources(ImageCatalog.class)
                        .withName("own-" + stage.nonce)
                        .delete();
            }
        }
    }

    private static CommandResult capture(Stage stage, Backups backups, Path file) {
        return stage.lab.kubectl(
                "tlvm",
                "image",
                "capture",
                GOLDEN,
                "-n=" + stage.namespace,
                "--location=" + backups.location(),
                "--output=" + file,
                "--publisher=contoso",
                "--offer=" + stage.nonce,
                "--sku=golden",
                "--image-version=1.0.0",
                "--os-type=Linux",
                "--name=own-" + stage.nonce,
                "--storage-location=" + stage.location);
    }

    /** The bytes of the disk, and no other file's; it takes about what qemu-img's own copy does. */
    private static void assertIsDisk(Stage stage, String host, Path file, Path disk) throws IOException {
        stage.lab.exec(host, "qemu-img", "compare", "-f", "qcow2", "-F", "qcow2", file.toString(), disk.toString());
        stage.lab.exec(host, "qemu-img", "check", "-f", "qcow2", file.toString());
        assertThat(ImageInspector.inspect(file)).isInstanceOf(ImageForm.Accepted.class);
        Path converted = file.resolveSibling("converted");
        long begin = System.nanoTime();
        stage.lab.exec(host, "qemu-img", "convert", "-O", "qcow2", disk.toString(), converted.toString());
        System.out.println("captured: " + Files.size(file) + " bytes; qemu-img convert: " + Files.size(converted)
                + " in " + Duration.ofNanos(System.nanoTime() - begin));
        assertThat(Files.size(file)).isLessThan(Files.size(converted) * 11 / 10);
        Files.delete(converted);
    }

    private static void awaitNothingLeft(Stage stage) {
        assertThat(stage.client
                        .resources(VMBackupDownload.class)
                        .inNamespace(stage.namespace)
                        .list()
                        .getItems())
                .isEmpty();
        await("the backup that was made for it is removed with its files")
                .atMost(Stage.TIMEOUT)
                .pollInterval(Duration.ofMillis(200))
                .until(() -> stage.client
                        .resources(VMBackup.class)
                        .inNamespace(stage.namespace)
                        .list()
                        .getItems()
                        .isEmpty());
    }

    /** Where its GuestImage says that it is. */
    private static void publish(Stage stage, Path file) throws IOException {
        Files.copy(
                file,
                stage.lab.folder().resolve("shared/images").resolve(file.getFileName()),
                StandardCopyOption.REPLACE_EXISTING);
    }

    /** The same name for other bytes. */
    private static GuestImage another(GuestImage image) {
        GuestImage other = new GuestImage();
        other.setMetadata(Stage.meta(image.getMetadata().getName() + "-other", null));
        other.setSpec(GuestImageSpecBuilder.builder(image.getSpec())
                .sha256("0".repeat(64))
                .build());
        return other;
    }

    /** The policy wants a signed catalog, and there is one, of what is in the folder. */
    private static void list(Stage stage, Path folder) {
        String name = "own-" + stage.nonce;
        CatalogSigningKey key = CatalogSigningKey.ecdsa();
        String draft = stage.lab
                .kubectl(
                        "tlvm",
                        "catalog",
                        "draft",
                        folder.toString(),
                        "--name=contoso/" + stage.nonce,
                        "-o=" + folder.resolve("catalog"))
                .orFail();
        assertThat(draft).doesNotContain("missing", "guessed");
        String catalog = read(folder.resolve("catalog"));
        stage.create(new ConfigMapBuilder()
                .withMetadata(Stage.meta(name, Stage.OPERATOR_NAMESPACE))
                .withData(Map.of("catalog.json", catalog, "catalog.json.sig", key.sign(catalog.getBytes(UTF_8))))
                .build());
        ImageCatalog signed = new ImageCatalog();
        signed.setMetadata(Stage.meta(name, null));
        signed.setSpec(new ImageCatalogSpec(
                "contoso/" + stage.nonce,
                List.of(key.publicKey()),
                new ImageCatalogSpec.Source(new ObjectRef(name), null)));
        stage.create(signed);
        ImageEligibilityPolicy policy = new ImageEligibilityPolicy();
        policy.setMetadata(Stage.meta(name, null));
        policy.setSpec(new ImageEligibilityPolicySpec(
                Provenance.Signed,
                ImageEligibilityPolicySpec.Enforcement.Creation,
                ImageEligibilityPolicySpec.WhenSecureBootOff.Report,
                List.of(new ImageEligibilityPolicySpec.Rule(
                        "own", "contoso", List.of(stage.nonce), List.of("golden"), null))));
        stage.create(policy);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void awaitEligible(Stage stage, GuestImage image, String status) {
        await(image.getMetadata().getName() + " to be eligible: " + status)
                .atMost(Stage.TIMEOUT)
                .until(() -> stage.client
                        .resources(GuestImage.class)
                        .withName(image.getMetadata().getName())
                        .get()
                        .condition(ConditionType.Eligible)
                        .filter(eligible -> eligible.getStatus().equals(status))
                        .isPresent());
    }
}
