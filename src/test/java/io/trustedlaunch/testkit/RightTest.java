package io.trustedlaunch.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.testkit.AuditLog.Request;
import org.junit.jupiter.api.Test;

class RightTest {
    private static final Right PATCH = RightBuilder.builder()
            .account("trusted-launch-agent")
            .verb("patch")
            .group("trustedlaunch.io")
            .resource("clusternodes/status")
            .name("")
            .namespace("")
            .build();
    private static final Request PATCHES = AuditLogRequestBuilder.builder()
            .user("trusted-launch-agent")
            .verb("patch")
            .group("trustedlaunch.io")
            .resource("clusternodes/status")
            .namespace("")
            .name("host-a")
            .authorized(true)
            .code(200)
            .build();

    @Test
    void isUsedByARequestOfItsAccountThatTakesIt() {
        assertThat(PATCH.isUsedBy(PATCHES)).isTrue();
        assertThat(PATCH.isUsedBy(like(PATCHES).user("trusted-launch-operator").build()))
                .isFalse();
        assertThat(PATCH.isUsedBy(like(PATCHES).verb("update").build())).isFalse();
        assertThat(PATCH.isUsedBy(like(PATCHES).group("").build())).isFalse();
        assertThat(PATCH.isUsedBy(like(PATCHES).resource("clusternodes").build()))
                .isFalse();
    }

    @Test
    void isUsedByARequestThatWasAllowedAndFailed() {
        assertThat(PATCH.isUsedBy(like(PATCHES).code(404).build())).isTrue();
        assertThat(PATCH.isUsedBy(like(PATCHES).authorized(false).code(403).build()))
                .isFalse();
    }

    @Test
    void isUsedByARequestThatAdmissionRefused() {
        assertThat(PATCH.isUsedBy(like(PATCHES).code(403).build())).isTrue();
    }

    @Test
    void ofOneObjectIsUsedForThatOnly() {
        Right ofHostA = RightBuilder.builder(PATCH).name("host-a").build();
        assertThat(ofHostA.isUsedBy(PATCHES)).isTrue();
        assertThat(ofHostA.isUsedBy(like(PATCHES).name("host-b").build())).isFalse();
    }

    @Test
    void ofANamespaceIsUsedThereOnly() {
        Right there = RightBuilder.builder(PATCH).namespace("vms").build();
        assertThat(there.isUsedBy(PATCHES)).isFalse();
        assertThat(there.isUsedBy(like(PATCHES).namespace("vms").build())).isTrue();
    }

    @Test
    void toCreateIsUsedByAnApplyThatCreates() {
        Right create = RightBuilder.builder(PATCH).verb("create").build();
        assertThat(create.isUsedBy(PATCHES)).isFalse();
        assertThat(create.isUsedBy(like(PATCHES).code(201).build())).isTrue();
    }

    private static AuditLogRequestBuilder like(Request request) {
        return AuditLogRequestBuilder.builder(request);
    }
}
