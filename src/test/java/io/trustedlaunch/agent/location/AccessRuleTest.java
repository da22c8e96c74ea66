package io.trustedlaunch.agent.location;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.location.PathFacts.Kind;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AccessRuleTest {
    private static final AccessRule RULE = new AccessRule("root", "libvirt-qemu");
    private static final Path LOCATION = Path.of("/srv/vms");

    @Test
    void aFolderWithTheRequiredAccessIsAccepted() {
        assertThat(check(location(0710))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {0700, 0711, 0714, 0750, 0730, 0770, 0755, 0777, 02710, 01710, 0610})
    void everyOtherModeIsRefused(int mode) {
        assertThat(check(location(mode)).orElseThrow().message()).contains("chmod 0710 /srv/vms");
    }

    @Test
    void anotherOwnerOrGroupIsRefused() {
        assertThat(check(PathFactsBuilder.builder()
                        .path(LOCATION)
                        .kind(Kind.FOLDER)
                        .owner("alice")
                        .group("libvirt-qemu")
                        .mode(0710)
                        .accessList(false)
                        .build()))
                .isPresent();
        assertThat(check(PathFactsBuilder.builder()
                                .path(LOCATION)
                                .kind(Kind.FOLDER)
                                .owner("root")
                                .group("users")
                                .mode(0710)
                                .accessList(false)
                                .build())
                        .orElseThrow()
                        .message())
                .contains("root:users")
                .contains("chown root:libvirt-qemu /srv/vms");
    }

    @Test
    void aLinkIsRefusedWhereverItIs() {
        assertThat(check(PathFactsBuilder.builder()
                        .path(LOCATION)
                        .kind(Kind.LINK)
                        .owner("root")
                        .group("libvirt-qemu")
                        .mode(0710)
                        .accessList(false)
                        .build()))
                .isPresent();
        assertThat(check(parent(Kind.LINK, "root", 0755), location(0710))).isPresent();
    }

    @Test
    void aParentThatOthersCouldReplaceIsRefused() {
        assertThat(check(parent(Kind.FOLDER, "alice", 0755), location(0710))).isPresent();
        assertThat(check(parent(Kind.FOLDER, "root", 0775), location(0710))).isPresent();
        assertThat(check(parent(Kind.FOLDER, "root", 01777), location(0710))).isPresent();
        assertThat(check(parent(Kind.FOLDER, "root", 0711), location(0710))).isEmpty();
    }

    @Test
    void anAccessListIsRefused() {
        assertThat(check(PathFactsBuilder.builder()
                                .path(LOCATION)
                                .kind(Kind.FOLDER)
                                .owner("root")
                                .group("libvirt-qemu")
                                .mode(0710)
                                .accessList(true)
                                .build())
                        .orElseThrow()
                        .message())
                .contains("setfacl");
    }

    @Test
    void missingFoldersHaveTheirOwnReason() {
        assertThat(check(PathFacts.missing(LOCATION)).orElseThrow().reason()).isEqualTo(Reason.LocationMissing);
        assertThat(check(PathFacts.missing(Path.of("/srv")), PathFacts.missing(LOCATION))
                        .orElseThrow()
                        .reason())
                .isEqualTo(Reason.LocationMissing);
    }

    private static Optional<Problem> check(PathFacts... last) {
        List<PathFacts> chain = new ArrayList<>();
        chain.add(PathFactsBuilder.builder()
                .path(Path.of("/"))
                .kind(Kind.FOLDER)
                .owner("root")
                .group("root")
                .mode(0755)
                .accessList(false)
                .build());
        if (last.length == 1) {
            chain.add(parent(Kind.FOLDER, "root", 0755));
        }
        chain.addAll(List.of(last));
        return RULE.check(chain);
    }

    private static PathFacts location(int mode) {
        return PathFactsBuilder.builder()
                .path(LOCATION)
                .kind(Kind.FOLDER)
                .owner("root")
                .group("libvirt-qemu")
                .mode(mode)
                .accessList(false)
                .build();
    }

    private static PathFacts parent(Kind kind, String owner, int mode) {
        return PathFactsBuilder.builder()
                .path(Path.of("/srv"))
                .kind(kind)
                .owner(owner)
                .group("root")
                .mode(mode)
                .accessList(false)
                .build();
    }
}
