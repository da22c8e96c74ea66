package io.trustedlaunch.catalog;

import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.testkit.CatalogText;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which signed bytes are a catalog, and which are refused. */
class CatalogReadingTest {
    private static final String DIGEST = "ab".repeat(32);
    private static final int MUTANTS = 20_000;
    private static final String TOKENS = "{}[]\",:0123456789eE+-.ntf\\u/ ";

    private static final String GOOD = """
            {
              "format": "trustedlaunch.io/image-catalog/v1",
              "name": "contoso/production",
              "serial": 7,
              "expires": "2027-06-30T00:00:00Z",
              "images": [
                {
                  "identifier": {"publisher": "MicrosoftWindowsServer", "offer": "WindowsServer", "sku": "2022-datacenter-azure-edition"},
                  "version": "20348.2700.240905",
                  "sha256": "%s",
                  "size": 11358175232,
                  "format": "vhdx",
                  "osType": "Windows",
                  "generation": 2,
                  "architecture": "x64"
                }
              ]
            }
            """.formatted(DIGEST);

    @Test
    void aCatalogIsRead() throws MalformedCatalogException {
        Catalog catalog = read(GOOD);

        assertThat(catalog.name()).isEqualTo("contoso/production");
        assertThat(catalog.serial()).isEqualTo(7);
        assertThat(catalog.expires()).isEqualTo(Instant.parse("2027-06-30T00:00:00Z"));
        CatalogImage image = catalog.find(new CatalogKey(
                        "microsoftwindowsserver",
                        "windowsserver",
                        "2022-DATACENTER-azure-edition",
                        "20348.2700.240905"))
                .orElseThrow();
        assertThat(image.sha256()).isEqualTo(DIGEST);
        assertThat(image.size()).isEqualTo(11_358_175_232L);
        assertThat(image.format()).isEqualTo(ImageFormat.vhdx);
        assertThat(image.architecture()).isEqualTo(Architecture.x64);
    }

    @Test
    void aWrittenCatalogIsRead() throws MalformedCatalogException {
        byte[] written = CatalogText.of(3, CatalogText.NEVER, CatalogText.image("contoso", "base", "1.0", DIGEST));
        assertThat(CatalogReading.read(written).images()).hasSize(1);
    }

    @Test
    void theExampleIsRead() throws Exception {
        assertThat(CatalogReading.read(Files.readAllBytes(Path.of("examples/catalog.json")))
                        .images())
                .hasSize(1);
    }

    @Test
    void aCatalogWithoutImagesIsValid() throws MalformedCatalogException {
        assertThat(CatalogReading.read(CatalogText.of(1, CatalogText.NEVER)).images())
                .isEmpty();
    }

    /** One change of the good catalog each: what stands there, what stands there instead, what is said of it. */
    @ParameterizedTest(name = "{0} -> {1}: {2}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            contoso/production               | Contoso/production                 | has a name that is empty
            contoso/production               | contoso production                 | has a name that is empty
            "contoso/production"             | ""                                 | has a name that is empty
            "contoso/production"             | null                               | has a name that is empty
            "contoso/production"             | ["contoso/production"]             | is not valid
            "name": "contoso/production",    | ``                                 | lacks a field
            "serial": 7                      | "serial": 0                        | serial that is not between 1 and
            "serial": 7                      | "serial": -1                       | serial that is not between 1 and
            "serial": 7                      | "serial": 9007199254740992         | serial that is not between 1 and
            "serial": 7                      | "serial": 99999999999999999999     | is not valid
            "serial": 7                      | "serial": 1e400                    | is not valid
            "serial": 7                      | "serial": 7.0                      | of the wrong type
            "serial": 7                      | "serial": "7"                      | of the wrong type
            "serial": 7                      | "serial": null                     | is not valid
            "serial": 7                      | "serial": true                     | is not valid
            "serial": 7                      | "serial": NaN                      | is not valid
            "serial": 7                      | "serial": 07                       | is not valid
            "serial": 7                      | "serial": 7, "serial": 8           | is not valid
            "serial": 7,                     | ``                                 | is not valid
            "serial": 7                      | "serial": 7, "Serial": 9           | is not valid
            "serial": 7                      | "serial": 7, "comment": "x"        | is not valid
            "serial": 7                      | "serial": 7 /* or 8 */             | is not valid
            image-catalog/v1                 | image-catalog/v2                   | does not have format
            "format": "trustedlaunch.io/image-catalog/v1", | ``                   | does not have format
            2027-06-30T00:00:00Z             | 2027-06-30                         | that is not a time
            2027-06-30T00:00:00Z             | 2027-02-30T00:00:00Z               | that is not a time
            "2027-06-30T00:00:00Z"           | 1814313600                         | of the wrong type
            "2027-06-30T00:00:00Z"           | null                               | that is not a time
            "size": 11358175232              | "size": 0                          | images[0] has a size
            "size": 11358175232              | "size": 70368744177665             | images[0] has a size
            "size": 11358175232              | "size": 9223372036854775808        | is not valid
            "generation": 2                  | "generation": 3                    | images[0] has a generation
            "generation": 2                  | "generation": 4294967298           | is not valid
            "generation": 2                  | "generation": "2"                  | of the wrong type
            "architecture": "x64"            | "architecture": "X64"              | is not valid
            "architecture": "x64"            | "architecture": 0                  | is not valid
            "architecture": "x64"            | "architecture": null               | images[0] lacks a field
            "osType": "Windows"              | "osType": "BeOS"                   | is not valid
            "format": "vhdx"                 | "format": "vmdk"                   | is not valid
            "sku": "2022-datacenter-azure-edition"| "sku": ""                     | images[0] has a publisher
            "sku": "2022-datacenter-azure-edition"| "sku": "2022*"                | images[0] has a publisher
            "sku": "2022-datacenter-azure-edition"| "sku": " 2022"                | images[0] has a publisher
            "sku": "2022-datacenter-azure-edition"| "sku": "2022\\n"              | images[0] has a publisher
            "sku": "2022-datacenter-azure-edition"| "sku": "2022\\u0000"          | images[0] has a publisher
            "sku": "2022-datacenter-azure-edition"| "sku": 2022                   | of the wrong type
            "sku": "2022-datacenter-azure-edition"| "sku": ["2022"]               | is not valid
            "sku": "2022-datacenter-azure-edition"| "sku": "2022", "sku": "2019"  | is not valid
            MicrosoftWindowsServer           | Microsoft\u0130Windows             | images[0] has a publisher
            MicrosoftWindowsServer           | microsoftwindow\u017FServer        | images[0] has a publisher
            MicrosoftWindowsServer           | micro\u200bsoftwindowsserver       | images[0] has a publisher
            MicrosoftWindowsServer           | \u202Erevreswodniwtfosorcim        | images[0] has a publisher
            MicrosoftWindowsServer           | m\u0456crosoftwindowsserver        | images[0] has a publisher
            "images": [                      | "images": null, "more": [          | is not valid
            "images": [                      | "images": [null,                   | images[0] lacks a field
            "images": [                      | "images": [[],                     | is not valid
            "identifier": {                  | "identifier": null, "more": {      | is not valid
            """)
    void anythingElseIsRefused(String before, String after, String expected) {
        String changed = GOOD.replace(before, after == null ? "" : after);
        assertThat(changed).isNotEqualTo(GOOD);
        assertThatThrownBy(() -> read(changed))
                .isInstanceOf(MalformedCatalogException.class)
                .hasMessageContaining(expected);
    }

    @Test
    void aDigestHasOneSpelling() {
        for (String other :
                new String[] {DIGEST.toUpperCase(java.util.Locale.ROOT), DIGEST + "00", "ab", "zz".repeat(32)}) {
            assertThatThrownBy(() -> read(GOOD.replace(DIGEST, other))).hasMessageContaining("sha256");
        }
    }

    @Test
    void anIdentifierAndVersionAreListedOnceInAnyCase() {
        CatalogImage one = CatalogText.image("contoso", "base", "1.0", DIGEST);
        CatalogImage two = CatalogText.image("Contoso", "BASE", "1.0", "cd".repeat(32));
        assertThatThrownBy(() -> CatalogReading.read(CatalogText.of(1, CatalogText.NEVER, one, two)))
                .hasMessageContaining("images[1] lists contoso:offer:base:1.0 a second time");
    }

    @Test
    void deepNestingIsRefusedEarly() {
        assertThatThrownBy(() -> read("[".repeat(100_000))).hasMessageContaining("is not valid");
        assertThatThrownBy(() -> read("{\"images\":".repeat(40_000))).hasMessageContaining("is not valid");
    }

    @Test
    void aHugeCatalogIsRefused() {
        assertThatThrownBy(() -> CatalogReading.read(new byte[CatalogDocument.MAX_BYTES + 1]))
                .hasMessageContaining("the maximum is");
        assertThatThrownBy(() -> read("9".repeat(400_000))).hasMessageContaining("is not valid");
        assertThatThrownBy(() -> read("\"" + "a".repeat(400_000) + "\"")).hasMessageContaining("is not valid");
    }

    @ParameterizedTest
    @CsvSource({"''", "null", "[]", "7", "\"x\"", "{}", "' '"})
    void otherJsonIsRefused(String text) {
        assertThatThrownBy(() -> read(text)).isInstanceOf(MalformedCatalogException.class);
    }

    @Test
    void anotherEncodingAndTrailingBytesAreRefused() {
        assertThatThrownBy(() -> CatalogReading.read(GOOD.getBytes(UTF_16))).hasMessageContaining("is not UTF-8");
        assertThatThrownBy(() -> read("\uFEFF" + GOOD)).isInstanceOf(MalformedCatalogException.class);
        assertThatThrownBy(() -> read(GOOD + "{}")).isInstanceOf(MalformedCatalogException.class);
        byte[] overlong = GOOD.replace("contoso", "x").getBytes(UTF_8);
        overlong[overlong.length / 2] = (byte) 0xC0;
        assertThatThrownBy(() -> CatalogReading.read(overlong)).hasMessageContaining("is not UTF-8");
    }

    @Test
    void anErrorNamesThePlaceAndQuotesNothing() {
        assertThatThrownBy(() -> read(GOOD.replace("\"vhdx\"", "\"<script>\"")))
                .hasMessageContaining("images.0.format")
                .hasMessageNotContaining("script");
    }

    /** Byte by byte, cut, doubled and mixed, from fixed seeds: refused, or one catalog; never anything else. */
    @Test
    void aMutatedCatalogIsRefusedOrHasOneMeaning() {
        byte[] good = GOOD.getBytes(UTF_8);
        int accepted = 0;
        for (int seed = 0; seed < MUTANTS; seed++) {
            byte[] mutant = mutant(good, new Random(seed));
            try {
                Catalog catalog = CatalogReading.read(mutant);
                accepted++;
                assertThat(catalog.serial()).isPositive();
                assertThat(catalog.images().values())
                        .allMatch(image -> CatalogKey.isName(image.identifier().publisher()));
            } catch (MalformedCatalogException e) {
                assertThat(e.getMessage()).as("seed %d", seed).hasSizeLessThan(400);
            }
        }
        assertThat(accepted).as("mutants that are catalogs").isBetween(1, MUTANTS / 2);
    }

    private static byte[] mutant(byte[] good, Random random) {
        byte[] mutant = good.clone();
        for (int change = random.nextInt(4); change >= 0; change--) {
            int at = random.nextInt(mutant.length);
            switch (random.nextInt(5)) {
                case 0 -> mutant[at] = (byte) random.nextInt(256);
                case 1 -> mutant[at] = (byte) TOKENS.charAt(random.nextInt(TOKENS.length()));
                case 2 -> mutant = Arrays.copyOf(mutant, Math.max(1, at));
                case 3 -> {
                    // Something of it once more, somewhere else.
                    int from = random.nextInt(mutant.length);
                    int length = random.nextInt(mutant.length - from);
                    byte[] longer = new byte[mutant.length + length];
                    System.arraycopy(mutant, 0, longer, 0, at);
                    System.arraycopy(mutant, from, longer, at, length);
                    System.arraycopy(mutant, at, longer, at + length, mutant.length - at);
                    mutant = longer;
                }
                default -> {
                    int length = random.nextInt(mutant.length - at);
                    byte[] shorter = new byte[mutant.length - length];
                    System.arraycopy(mutant, 0, shorter, 0, at);
                    System.arraycopy(mutant, at + length, shorter, at, mutant.length - at - length);
                    mutant = shorter.length == 0 ? new byte[1] : shorter;
                }
            }
        }
        return mutant;
    }

    private static Catalog read(String json) throws MalformedCatalogException {
        return CatalogReading.read(json.getBytes(UTF_8));
    }
}
