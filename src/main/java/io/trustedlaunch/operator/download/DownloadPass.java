package io.trustedlaunch.operator.download;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Result;
import io.trustedlaunch.api.backup.VMBackupDownloadStatus;
import io.trustedlaunch.operator.seal.KeyReleases;
import io.trustedlaunch.operator.seal.SealedEnvelope;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** One pass over a download. A node that has the keys keeps them; otherwise they are sealed to one, which goes on record. */
final class DownloadPass {
    private final DownloadSealer sealer;
    private final KeyReleases releases;
    private final Supplier<String> authority;

    /** @param authority of the agents' certificates, in PEM */
    DownloadPass(DownloadSealer sealer, KeyReleases releases, Supplier<String> authority) {
        this.sealer = sealer;
        this.releases = releases;
        this.authority = authority;
    }

    /** @param write writes a status if it is another one */
    void run(DownloadFacts facts, Consumer<VMBackupDownloadStatus> write) {
        DownloadPlan plan = new DownloadPlan(facts);
        switch (plan.node()) {
            case Result.Refused(Problem problem) -> write.accept(new DownloadStatus(facts).unavailable(problem));
            case Result.Value(DownloadFacts.Node node) -> {
                if (plan.hasKeys(node)) {
                    write.accept(open(facts, node, facts.download().getStatus().envelope()));
                } else {
                    seal(facts, node, plan.vm(), write);
                }
            }
        }
    }

    private void seal(DownloadFacts facts, DownloadFacts.Node node, String vm, Consumer<VMBackupDownloadStatus> write) {
        Result<SealedEnvelope> sealed = sealer.seal(
                facts.download(),
                facts.backup().orElseThrow(),
                facts.location().orElseThrow(),
                node.recipient().found().orElseThrow());
        switch (sealed) {
            case Result.Refused(Problem problem) -> write.accept(new DownloadStatus(facts).unavailable(problem));
            case Result.Value(SealedEnvelope envelope) ->
                releases.downloadKeys(envelope, facts.download(), vm, () -> {
                    VMBackupDownloadStatus status = open(facts, node, envelope.base64());
                    write.accept(status);
                    return status;
                });
        }
    }

    private VMBackupDownloadStatus open(DownloadFacts facts, DownloadFacts.Node node, String envelope) {
        return new DownloadStatus(facts).open(node.node(), envelope, authority.get());
    }
}
