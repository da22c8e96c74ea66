package io.trustedlaunch.cli.plugin.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupSpec;
import io.trustedlaunch.api.backup.VMBackupStatus.Phase;
import io.trustedlaunch.api.backup.VMBackupStatusBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpec;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.CommandExceptionHandler;
import io.trustedlaunch.cli.plugin.report.BackupLine;
import io.trustedlaunch.cli.plugin.report.BackupList;
import io.trustedlaunch.cli.plugin.report.StatusReport;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** What an agent or a tenant writes, in the terminal of who looks at it. */
class TextOutputTest {
    /** Clears the screen, sets the title, and puts a line below that looks like the plugin's. */
    private static final String HOSTILE = "x\u001b[2J\u001b]0;title\u0007\u009b31m\r\n  Ready         True     Running";

    private static final String SHOWN = "x?[2J?]0;title??31m??  Ready         True     Running";

    private final StringWriter text = new StringWriter();
    private final TextOutput out = new TextOutput(new PrintWriter(text));

    @Test
    void aConditionIsOneLineOfTheStatus() {
        out.text(StatusReport.of(vm(), Optional.empty()));

        assertThat(text.toString().lines()).contains("    " + SHOWN).noneMatch(line -> line.startsWith("  Ready"));
        assertThat(text.toString()).doesNotContain("\u001b", "\u009b", "\r", "\u0007");
    }

    @Test
    void aReasonIsOneCellOfATable() {
        out.text(BackupList.table(List.of(backup()), false));

        assertThat(text.toString().lines()).hasSize(2).last().asString().endsWith(SHOWN);
    }

    @Test
    void progressHasNoSequencesButItsOwn() {
        new ProgressLine(out, true).show(BackupLine.progress(backup()));
        new ProgressLine(out, false).show(BackupLine.progress(backup()));

        assertThat(text)
                .hasToString("\r\u001b[K[" + " ".repeat(30) + "] payroll: Failed (" + SHOWN + ")payroll: Failed ("
                        + SHOWN + ")\n");
    }

    @Test
    void aQuestionIsOneLine() {
        new Prompt(new StringReader("yes\n"), out).choose(HOSTILE, List.of("yes"), List.of(HOSTILE));

        assertThat(text).hasToString("  1) " + SHOWN + "\n" + SHOWN + ": ");
    }

    @Test
    void aMessageInAConsoleHasNoSequences() {
        out.notice(HOSTILE);

        assertThat(text).hasToString("\r\n[" + SHOWN + "]\r\n");
    }

    @ParameterizedTest
    @MethodSource
    void anErrorHasNoSequencesAndItsFurtherLinesAreIndented(Exception fault) throws Exception {
        CommandLine line = new CommandLine(CommandLine.Model.CommandSpec.create());
        line.setErr(new PrintWriter(text));

        assertThat(new CommandExceptionHandler().handleExecutionException(fault, line, null))
                .isEqualTo(CommandLine.ExitCode.SOFTWARE);
        assertThat(text.toString()).contains("x?[2J?]0;title??31m\n    Ready").doesNotContain("\u001b", "\r");
    }

    static Stream<Exception> anErrorHasNoSequencesAndItsFurtherLinesAreIndented() {
        return Stream.of(
                new CommandException(HOSTILE),
                new IllegalStateException(HOSTILE),
                new KubernetesClientException("", new java.io.IOException(HOSTILE)));
    }

    private static TrustedLaunchVM vm() {
        TrustedLaunchVM vm = new TrustedLaunchVM();
        vm.setMetadata(new ObjectMetaBuilder()
                .withNamespace("finance")
                .withName("payroll")
                .build());
        vm.setSpec(Serialization.unmarshal("""
                runStrategy: Always
                imageRef: {name: ws2022}
                """, TrustedLaunchVMSpec.class));
        vm.setStatus(TrustedLaunchVMStatusBuilder.builder()
                .observedGeneration(1L)
                .conditions(List.of(new ConditionBuilder()
                        .withType("Placed")
                        .withStatus("False")
                        .withReason("Tested")
                        .withMessage(HOSTILE)
                        .build()))
                .build());
        return vm;
    }

    private static VMBackup backup() {
        VMBackup backup = new VMBackup();
        backup.setMetadata(new ObjectMetaBuilder()
                .withNamespace("finance")
                .withName("monday")
                .build());
        backup.setSpec(new VMBackupSpec(new ObjectRef("payroll"), new ObjectRef("nas"), null));
        backup.setStatus(VMBackupStatusBuilder.builder()
                .phase(Phase.Failed)
                .conditions(List.of(new ConditionBuilder()
                        .withType("Completed")
                        .withStatus("False")
                        .withReason(HOSTILE)
                        .withMessage(HOSTILE)
                        .build()))
                .build());
        return backup;
    }
}
