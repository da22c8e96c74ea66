package io.trustedlaunch.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.testkit.LabQueue.Kind;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ChangedTestsTest {
    private static final String HERE = "src/test/java/io/trustedlaunch/testkit/";
    private static final String THIS = ChangedTestsTest.class.getName();
    private static final Map<String, Set<String>> USERS = Map.of(
            "io.trustedlaunch.disk.Disk", Set.of("io.trustedlaunch.backup.Backup"),
            "io.trustedlaunch.backup.Backup", Set.of(THIS, "io.trustedlaunch.disk.Disk"));

    @Test
    void aTestReachesWhatItsOwnClassesUse() {
        assertThat(reaches("src/main/java/io/trustedlaunch/disk/Disk.java")).isTrue();
        assertThat(reaches("src/main/java/io/trustedlaunch/tpm/Tpm.java")).isFalse();
        assertThat(reaches(HERE + "ChangedTestsTest.java")).isTrue();
        assertThat(reaches(HERE + "Lab.java")).isFalse();
    }

    @Test
    void everythingStandsOnTheChartTheBuildAndTheLabs() {
        for (String file : List.of(
                "helm/trusted-launch-operator/values.yaml",
                "crds/vms.yaml",
                "pom.xml",
                "bin/lib/lab-hosts.sh",
                "src/main/resources/policy.yaml")) {
            assertThat(reaches(file)).as(file).isTrue();
        }
        assertThat(reaches("docs/backup.md")).isFalse();
    }

    @Test
    void theMainPathRunsWheneverTheProductChanges() {
        List<Class<?>> product = LabQueue.classes(Kind.PRODUCT);

        ChangedTests changed = ChangedTests.of(List.of("src/main/java/io/trustedlaunch/disk/Disk.java"), Map.of());

        assertThat(product)
                .filteredOn(changed::reaches)
                .extracting(Class::getSimpleName)
                .containsExactly("MainPathE2E");
    }

    @Test
    void theExamplesForGitOpsAreReadByTests() {
        ChangedTests changed = ChangedTests.of(List.of("examples/gitops/argocd/health.lua"), Map.of());

        assertThat(LabQueue.classes(Kind.PARTS))
                .filteredOn(changed::reaches)
                .extracting(Class::getSimpleName)
                .containsExactlyInAnyOrder("GitOpsExamplesIT", "HealthToolsIT");
    }

    @Test
    void theGraphIsThatOfTheClassFiles() {
        ChangedTests changed = ChangedTests.of(List.of(HERE + "LabQueue.java"));

        assertThat(changed.reaches(LabQueueTest.class)).isTrue();
        assertThat(changed.reaches(Lane.class)).isTrue();
        assertThat(changed.reaches(Cluster.class)).isFalse();
    }

    private static boolean reaches(String file) {
        return ChangedTests.of(List.of(file), USERS).reaches(ChangedTestsTest.class);
    }
}
