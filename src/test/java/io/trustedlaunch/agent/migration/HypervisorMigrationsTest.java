package io.trustedlaunch.agent.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.host.Accounts;
import io.trustedlaunch.agent.hypervisor.FakeHypervisor;
import io.trustedlaunch.agent.hypervisor.MigrationOptions;
import io.trustedlaunch.agent.migration.Migrations.Course;
import io.trustedlaunch.agent.seed.FakeIsoWriter;
import io.trustedlaunch.agent.seed.SeedDisc;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HypervisorMigrationsTest {
    private static final UUID VM = UUID.fromString("7c0a2a1e-5f1f-4d9c-9b40-3f5c7d1e2a6b");

    @TempDir
    private Path folder;

    private final CompletableFuture<UUID> ended = new CompletableFuture<>();

    @Test
    void nothingOfAGuestIsSentToANodeThatIsNotEnrolled() throws Exception {
        HypervisorMigrations migrations = new HypervisorMigrations(
                new FakeHypervisor(folder),
                Optional::empty,
                node -> !node.equals("host-b"),
                vm -> {},
                new SeedDisc(Accounts.ownerOf(folder), folder, new FakeIsoWriter()),
                folder,
                Duration.ofSeconds(10),
                (migration, how) -> {},
                ended::complete);

        migrations.begin(
                new Migration(VM, 2, new Peer("host-b", "192.0.2.2", 16_515)),
                new MigrationOptions(0, Duration.ofMillis(300), false));

        ended.get(1, TimeUnit.MINUTES);
        assertThat(migrations.course(VM, 2))
                .isEqualTo(new Course.Failed(
                        "host-b is not enrolled: to let it run VMs, run kubectl tlvm node approve host-b"));
    }
}
