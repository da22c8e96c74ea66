package io.trustedlaunch.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.testkit.LabOrder.Place;
import io.trustedlaunch.testkit.LabQueue.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LabQueueTest {
    @LabOrder(Place.FIRST)
    private static final class Slow {}

    private static final class Unmarked {}

    @LabOrder(Place.ENDS_LAB)
    private static final class EndsItsLab {}

    @LabOrder(Place.LAST)
    private static final class Quick {}

    @TempDir
    private Path folder;

    private LabQueue queue;

    @BeforeEach
    void fill() throws IOException {
        queue = new LabQueue(folder);
        queue.fill(List.of(Quick.class, Unmarked.class, EndsItsLab.class, Slow.class));
    }

    @Test
    void classesAreTakenInTheOrderOfTheirAnnotations() throws IOException {
        assertThat(drain(new LabQueue(folder), new LabQueue(folder)))
                .containsExactly(Slow.class, Unmarked.class, EndsItsLab.class, Quick.class);
    }

    @Test
    void aLabTakesNoClassAfterTheOneThatEndsIt() throws IOException {
        assertThat(drain(queue)).containsExactly(Slow.class, Unmarked.class, EndsItsLab.class);
        assertThat(drain(new LabQueue(folder))).containsExactly(Quick.class);
    }

    @Test
    void campaignsAndPartsOfTheProductAndTestsOfPodsAreLeftOut() {
        assertThat(LabQueue.classes(Kind.PRODUCT))
                .extracting(Class::getSimpleName)
                .contains("CrashE2E", "MainPathE2E", "RecoveryE2E")
                .doesNotContain("ChaosE2E", "SplitBrainE2E", "FirmwareE2E", "WholeRunSecrets", "KubeletsE2E");
    }

    @Test
    void partsAreAllIntegrationTestsThatNeedNoHostAndNoContainers() {
        assertThat(LabQueue.classes(Kind.PARTS))
                .extracting(Class::getSimpleName)
                .contains("AgentAccessIT", "RetainIT")
                .doesNotContain("StockApiServerIT", "FullHomeIT", "MainPathE2E")
                .allMatch(name -> name.endsWith("IT"));
    }

    @Test
    void testsInsideAHostHaveAQueueOfTheirOwn() {
        assertThat(LabQueue.classes(Kind.HOST))
                .extracting(Class::getSimpleName)
                .contains("BackupRunIT", "FirmwareE2E")
                .doesNotContain("RetainIT", "MainPathE2E");
    }

    @Test
    void oneClassEndsItsLabAndShortOnesFollow() throws IOException {
        assertThat(LabQueue.classes(Kind.PRODUCT))
                .filteredOn(test -> Place.of(test) == Place.ENDS_LAB)
                .extracting(Class::getSimpleName)
                .containsExactly("RecoveryE2E");
        assertThat(LabQueue.classes(Kind.PRODUCT)).anyMatch(test -> Place.of(test) == Place.LAST);
    }

    private static List<Class<?>> drain(LabQueue... labs) throws IOException {
        List<Class<?>> taken = new ArrayList<>();
        for (LabQueue lab : labs) {
            for (Optional<Class<?>> next = lab.take(); next.isPresent(); next = lab.take()) {
                taken.add(next.get());
            }
        }
        return taken;
    }
}
