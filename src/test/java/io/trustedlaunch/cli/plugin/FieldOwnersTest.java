package io.trustedlaunch.cli.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.cli.plugin.PlayedApiServer.Ran;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A verb that sets what a repository sets as well says so. */
class FieldOwnersTest {
    private PlayedApiServer server;

    @BeforeEach
    void start(@TempDir Path folder) throws IOException {
        server = new PlayedApiServer(folder);
    }

    @AfterEach
    void end() {
        server.close();
    }

    @Test
    void aStopOfAVmWhoseStrategyIsInGitWarns() {
        have("argocd-controller", "f:runStrategy: {}");

        Ran ran = server.run("stop", "payroll");

        assertThat(ran.code()).isZero();
        assertThat(ran.err())
                .isEqualTo("warning: spec.runStrategy of trustedlaunchvm/payroll comes from a repository (field manager"
                        + " argocd-controller), which sets it back at its next sync: change it there, or leave it out"
                        + " there\n");
    }

    @Test
    void aDiskOfAVmWhoseDisksAreInGitWarns() {
        have("kustomize-controller", "f:dataDisks: {'k:{\"name\":\"data\"}': {}}");

        assertThat(server.run("disk", "grow", "payroll", "data", "--size", "40Gi")
                        .err())
                .contains("spec.dataDisks of trustedlaunchvm/payroll", "kustomize-controller");
    }

    @Test
    void whatNoToolOwnsIsSetWithoutAWord() {
        have("argocd-controller", "f:cores: {}");
        assertThat(server.run("stop", "payroll").err()).isEmpty();
        have("kubectl-edit", "f:runStrategy: {}");
        assertThat(server.run("stop", "payroll").err()).isEmpty();
        have("argocd-controller", "f:runStrategy: {}");
        assertThat(server.run("restart", "payroll").err())
                .as("an annotation of its own")
                .isEmpty();
    }

    private void have(String manager, String fields) {
        server.have(Serialization.unmarshal("""
                metadata:
                  name: payroll
                  namespace: finance
                  resourceVersion: "1"
                  generation: 1
                  managedFields:
                  - {manager: %s, operation: Apply, apiVersion: trustedlaunch.io/v1alpha1, fieldsV1: {'f:spec': {%s}}}
                spec:
                  dataDisks: [{name: data, size: 20Gi}]
                """.formatted(manager, fields), TrustedLaunchVM.class));
    }
}
