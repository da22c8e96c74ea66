package io.trustedlaunch.operator.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.ImageCatalog;
import io.trustedlaunch.api.image.ImageCatalogSpec;
import io.trustedlaunch.api.image.ImageCatalogSpec.HttpsSource;
import io.trustedlaunch.testkit.CatalogText;
import io.trustedlaunch.testkit.JumpingClocksContract;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class HttpsCatalogsTest {
    private Instant now = Instant.parse("2026-11-25T10:00:00Z");
    private int asked;
    private final HttpsCatalogs catalogs = new HttpsCatalogs(
            source -> {
                asked++;
                return new FetchResult.Unavailable(Reason.CatalogUnreachable, "no " + asked);
            },
            () -> now);

    @Test
    void aServerIsAskedOnceAndAgainWhenTheNextFetchIsDue() {
        fetchDue(1, true, Duration.ofMinutes(60));
        assertThat(asked).isEqualTo(1);
        now = now.plus(Duration.ofMinutes(20));
        fetchDue(1, true, Duration.ofMinutes(40));
        assertThat(asked).isEqualTo(1);
        now = now.plus(Duration.ofMinutes(40));
        fetchDue(1, true, Duration.ofMinutes(60));
        assertThat(asked).isEqualTo(2);
    }

    @Test
    void afterAFailureTheDelayGrowsUpToTheRegularOne() {
        for (long seconds : new long[] {15, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600}) {
            fetchDue(1, false, Duration.ofSeconds(seconds));
            now = now.plusSeconds(seconds);
        }
        fetchDue(1, true, Duration.ofMinutes(60));
        now = now.plus(Duration.ofMinutes(60));
        fetchDue(1, false, Duration.ofSeconds(15));
    }

    @Test
    void aChangedSpecCausesAFetchAtOnce() {
        fetchDue(1, true, Duration.ofMinutes(60));
        fetchDue(2, true, Duration.ofMinutes(60));
        assertThat(asked).isEqualTo(2);
    }

    @Test
    void deletedCatalogsAreForgotten() {
        fetchDue(1, true, Duration.ofMinutes(60));
        catalogs.retain(Set.of("another"));
        fetchDue(1, true, Duration.ofMinutes(60));
        assertThat(asked).isEqualTo(2);
    }

    private void fetchDue(long generation, boolean good, Duration next) {
        ImageCatalog catalog = catalog(generation);
        catalogs.read(catalog);
        assertThat(catalogs.nextFetch(catalog, good)).isEqualTo(next);
    }

    private static ImageCatalog catalog(long generation) {
        ImageCatalog catalog = new ImageCatalog();
        catalog.setMetadata(new ObjectMetaBuilder()
                .withName("contoso")
                .withUid("uid")
                .withGeneration(generation)
                .build());
        catalog.setSpec(new ImageCatalogSpec(
                CatalogText.NAME,
                List.of(),
                new ImageCatalogSpec.Source(null, new HttpsSource("https://x/", null, null, null, null))));
        return catalog;
    }

    @Nested
    class TheNextFetch extends JumpingClocksContract {
        @Override
        protected Duration pause() {
            return Duration.ofMinutes(60);
        }

        @Override
        protected boolean waits(Instant since, Instant now) {
            HttpsCatalogsTest.this.now = since;
            fetchDue(1, true, pause());
            int before = asked;
            HttpsCatalogsTest.this.now = now;
            catalogs.read(catalog(1));
            return asked == before;
        }
    }
}
