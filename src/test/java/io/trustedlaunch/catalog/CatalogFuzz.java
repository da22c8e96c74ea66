package io.trustedlaunch.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Run by {@code bin/fuzz}: bytes are reported as malformed, or parsed to one catalog. */
class CatalogFuzz {
    private static final int LONGEST_MESSAGE = 300;

    @FuzzTest
    void aCatalog(byte[] bytes) {
        Catalog catalog;
        try {
            catalog = CatalogReading.read(bytes);
        } catch (MalformedCatalogException e) {
            assertThat(e.getMessage().length()).isLessThan(LONGEST_MESSAGE);
            return;
        }
        assertThat(catalog).isEqualTo(readAgain(bytes));
        assertThat(catalog.images().values())
                .allSatisfy(
                        image -> assertThat(CatalogKey.isName(image.version())).isTrue());
    }

    private static Catalog readAgain(byte[] bytes) {
        try {
            return CatalogReading.read(CatalogDocument.parse(bytes).toJson().getBytes(UTF_8));
        } catch (MalformedCatalogException e) {
            throw new AssertionError("what was written from a catalog that was read is not read", e);
        }
    }
}
