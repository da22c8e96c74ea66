package io.trustedlaunch.cli.plugin.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.catalog.Catalog;
import io.trustedlaunch.catalog.CatalogImage;
import io.trustedlaunch.catalog.CatalogKey;
import io.trustedlaunch.catalog.CatalogReading;
import io.trustedlaunch.catalog.ImageFormat;
import io.trustedlaunch.cli.plugin.CommandExceptionHandler;
import io.trustedlaunch.testkit.CatalogSigningKey;
import io.trustedlaunch.testkit.OpenSsl;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** From a folder of images to a catalog that the operator accepts. */
class CatalogCommandTest {
    @TempDir
    Path folder;

    private Path images;

    private record Ran(int code, String out, String err) {}

    @BeforeEach
    void makeImages() throws Exception {
        images = Files.createDirectory(folder.resolve("images"));
        Files.write(images.resolve("ws2022.vhdx"), "vhdxfile and more".getBytes(UTF_8));
        Files.writeString(images.resolve("ws2022.vhdx.yaml"), """
                publisher: microsoftwindowsserver
                offer: windowsserver
                sku: 2022-datacenter-azure-edition
                version: 20348.2700.240905
                osType: windows
                generation: 2
                architecture: x64
                """);
        byte[] fixed = new byte[2048];
        System.arraycopy("conectix".getBytes(UTF_8), 0, fixed, fixed.length - 512, 8);
        Files.write(images.resolve("a-fixed.vhd"), fixed);
        byte[] raw = new byte[4096];
        raw[510] = 0x55;
        raw[511] = (byte) 0xAA;
        Files.write(images.resolve("named-wrongly.qcow2"), raw);
        Files.writeString(images.resolve("README"), "not an image");
        Files.createSymbolicLink(images.resolve("link.vhdx"), images.resolve("ws2022.vhdx"));
    }

    @Test
    void aDraftHasDigestSizeAndFormatOfEachImageAndTheNamesThatWereGiven() throws Exception {
        Ran ran = run(
                "draft",
                images.toString(),
                "--name",
                "contoso/production",
                "--publisher",
                "contoso",
                "--offer",
                "base",
                "--sku",
                "all",
                "--image-version",
                "1.0",
                "--os-type",
                "Linux",
                "--generation",
                "2",
                "--architecture",
                "x64",
                "--serial",
                "7");

        // Two images have the same name now; the draft leaves that to the user.
        assertThat(ran.code()).isZero();
        assertThat(ran.err())
                .contains("README: skipped, not a disk image")
                .doesNotContain("link.vhdx", "missing", "guessed");
        assertThat(ran.out()).contains("\"serial\" : 7").doesNotContain("link");
        Files.delete(images.resolve("a-fixed.vhd"));
        Catalog catalog = CatalogReading.read(run(
                        "draft",
                        images.toString(),
                        "--name",
                        "contoso/production",
                        "--publisher",
                        "contoso",
                        "--offer",
                        "base",
                        "--sku",
                        "all",
                        "--image-version",
                        "1.0")
                .out()
                .getBytes(UTF_8));
        CatalogImage server = catalog.images()
                .get(new CatalogKey(
                        "microsoftwindowsserver",
                        "windowsserver",
                        "2022-datacenter-azure-edition",
                        "20348.2700.240905"));
        assertThat(server.sha256())
                .isEqualTo(OpenSsl.run("dgst", "-sha256", "-r", images + "/ws2022.vhdx")
                        .split(" ")[0]);
        assertThat(server.size()).isEqualTo(17);
        assertThat(server.format()).isEqualTo(ImageFormat.vhdx);
        assertThat(server.osType()).isEqualTo(OsType.Windows);
        assertThat(catalog.images()
                        .get(new CatalogKey("contoso", "base", "all", "1.0"))
                        .format())
                .as("from its content, not from its name")
                .isEqualTo(ImageFormat.raw);
    }

    /** Its first sectors may be empty. */
    @Test
    void aDiscIsListedAsRaw() throws Exception {
        for (String identifier : new String[] {"CD001", "BEA01", "CD002"}) {
            byte[] disc = new byte[20 * 2048];
            System.arraycopy(identifier.getBytes(UTF_8), 0, disc, 16 * 2048 + 1, identifier.length());
            Files.write(images.resolve(identifier + ".iso"), disc);
        }
        assertThat(run("draft", images.toString(), "--name", "contoso/production")
                        .err())
                .contains("CD001.iso: raw", "BEA01.iso: raw", "CD002.iso: skipped, not a disk image");
    }

    @Test
    void missingFieldsAreReportedAndMakeAnInvalidCatalog() throws Exception {
        Ran ran = run("draft", images.toString(), "--name", "contoso/production");
        assertThat(ran.err())
                .contains(
                        "a-fixed.vhd: vhd",
                        "; missing: publisher, offer, sku, version; guessed: osType Linux, generation 2, architecture x64");
        Path draft = Files.writeString(folder.resolve("catalog.json"), ran.out());
        Ran checked = run("check", draft.toString());
        assertThat(checked.code()).isEqualTo(1);
        assertThat(checked.err()).contains("images[0] has a publisher, offer, sku or version that is empty");
    }

    @Test
    void aSidecarWithAnUnknownFieldIsRefused() throws Exception {
        Files.writeString(images.resolve("ws2022.vhdx.yaml"), "publicher: typo\n");
        Ran ran = run("draft", images.toString(), "--name", "contoso/production");
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err()).contains("cannot read " + images.resolve("ws2022.vhdx.yaml"));
    }

    @Test
    void anExistingFileIsNotOverwritten() throws Exception {
        Path there = Files.writeString(folder.resolve("catalog.json"), "mine");
        assertThat(run("draft", images.toString(), "--name", "contoso/production", "-o", there.toString())
                        .code())
                .isEqualTo(1);
        assertThat(there).hasContent("mine");
        assertThat(run("draft", images.toString(), "--name", "contoso/production", "-o", folder + "/new.json")
                        .code())
                .isZero();
        assertThat(Files.readString(folder.resolve("new.json"))).contains("image-catalog/v1");
    }

    @Test
    void aSignedCatalogIsCheckedAsTheOperatorDoes() throws Exception {
        CatalogSigningKey key = CatalogSigningKey.ecdsa();
        Files.delete(images.resolve("a-fixed.vhd"));
        Files.delete(images.resolve("named-wrongly.qcow2"));
        Path catalog = folder.resolve("catalog.json");
        run("draft", images.toString(), "--name", "contoso/production", "-o", catalog.toString());
        Path publicKey = Files.writeString(folder.resolve("key.pub"), key.publicKey());
        Path signature = Files.writeString(folder.resolve("sig"), key.sign(Files.readAllBytes(catalog)));

        Ran ran = run("check", catalog.toString(), "--key", publicKey.toString(), "--signature", signature.toString());
        assertThat(ran.err()).isEmpty();
        assertThat(ran.out())
                .contains(
                        catalog + " is valid: name contoso/production, serial 1, images: 1, expires ",
                        ", signed by key ");
        Files.writeString(catalog, Files.readString(catalog).replace("vhdx", "qcow2"));
        assertThat(run("check", catalog.toString(), "--key", publicKey.toString(), "--signature", signature.toString())
                        .err())
                .contains("the signature in " + signature + " was not made for " + catalog);
    }

    private static Ran run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = new CommandLine(new CatalogCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err, true))
                .setExecutionExceptionHandler(new CommandExceptionHandler())
                .execute(arguments);
        return new Ran(code, out.toString(), err.toString());
    }
}
