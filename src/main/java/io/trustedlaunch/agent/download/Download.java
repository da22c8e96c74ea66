package io.trustedlaunch.agent.download;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.migration.TimeLimit;
import io.trustedlaunch.agent.migration.TlsConnection;
import io.trustedlaunch.agent.order.Faults;
import io.trustedlaunch.agent.run.ReadMeter;
import io.trustedlaunch.agent.run.RunFaults;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.audit.Act;
import io.trustedlaunch.audit.Outcome;
import io.trustedlaunch.backup.pack.SavedDisk;
import io.trustedlaunch.download.DownloadRequest;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One client that gets one disk of a backup, or a part of it. */
final class Download {
    private static final Logger LOG = LoggerFactory.getLogger(Download.class);

    private static final Faults FAULTS = RunFaults.of(Reason.HypervisorUnavailable, Reason.HypervisorUnavailable, "");

    private final DownloadSession session;
    private final TlsConnection connection;
    private final DownloadService.Tools tools;
    private final Supplier<Optional<Problem>> sessionEnd;
    private final ReadMeter meter;
    private final ClientOutput output;
    private Optional<Problem> found = Optional.empty();
    private volatile boolean opened;

    /** @param sessionEnd why it is no longer wanted */
    Download(
            DownloadSession session,
            TlsConnection connection,
            DownloadService.Tools tools,
            Supplier<Optional<Problem>> sessionEnd)
            throws IOException {
        this.session = session;
        this.connection = connection;
        this.tools = tools;
        this.sessionEnd = sessionEnd;
        this.meter = new ReadMeter(tools.clock());
        // A client that reads slowly is not a store that does not answer.
        this.output = new ClientOutput(connection.socket().getOutputStream(), tools.clock(), () -> meter.read(0));
    }

    /** @param ended runs when nothing is read any more: a storage that does not answer may hold a thread for long */
    void run(Runnable ended) {
        try {
            tools.watched().run("download-" + session.id(), () -> work(ended), this::hindrance, this::breakOff);
            closed(Outcome.Success, Optional.empty());
        } catch (ClientOutput.ClientLostException e) {
            LOG.info("VM {}: the client of download {} has left: {}", session.vm(), session.name(), e.getMessage());
            closed(Outcome.Incomplete, Optional.empty());
        } catch (IOException | RuntimeException e) {
            Problem problem = FAULTS.of(e, LOG, session.name());
            refuse(problem);
            closed(Outcome.Incomplete, Optional.of(problem.reason()));
        }
    }

    void refuse(Problem problem) {
        LOG.warn("VM {}: download {} was ended: {}", session.vm(), session.name(), problem.message());
        fail(problem);
    }

    private Optional<Problem> hindrance() {
        found = sessionEnd
                .get()
                .or(this::clientSilence)
                .or(() -> meter.silence(session.location().place()));
        return found;
    }

    private Optional<Problem> clientSilence() {
        return output.waitsLonger(tools.silence())
                ? Optional.of(new Problem(
                        Reason.DownloadEnded,
                        "the client has read nothing for " + tools.silence().toMinutes() + " minutes"))
                : Optional.empty();
    }

    /** First of all: the thread that reads may hang in a storage. */
    private void breakOff() {
        found.ifPresent(this::fail);
    }

    private void fail(Problem problem) {
        try (TimeLimit inTime = TimeLimit.on(connection, tools.limit())) {
            output.fail(problem.message());
        }
    }

    private Void work(Runnable ended) throws IOException {
        try {
            DownloadRequest request = request();
            tools.disks().open(session, disk -> send(disk, range(request, disk.bytes())));
            return null;
        } finally {
            ended.run();
        }
    }

    private DownloadRequest request() {
        try (TimeLimit inTime = TimeLimit.on(connection, tools.limit())) {
            return DownloadRequest.read(connection.socket().getInputStream());
        } catch (IOException e) {
            throw new RefusedException(
                    Reason.DownloadRefused, "the client has sent no request that can be used; update kubectl tlvm", e);
        }
    }

    private static SavedDisk.Range range(DownloadRequest request, long bytes) {
        long length = request.length();
        if (request.offset() < 0
                || request.offset() > bytes
                || length < DownloadRequest.TO_THE_END
                || length > bytes - request.offset()) {
            throw new RefusedException(
                    Reason.DownloadRefused,
                    "the client asks for " + length + " bytes from byte " + request.offset() + " on, and the disk has "
                            + bytes);
        }
        return new SavedDisk.Range(
                request.offset(),
                length == DownloadRequest.TO_THE_END ? SavedDisk.Range.WHOLE.end() : request.offset() + length);
    }

    private void send(SavedDisk disk, SavedDisk.Range range) throws IOException {
        output.begin(disk.bytes());
        opened = true;
        LOG.info("VM {}: download {} of {} began", session.vm(), session.name(), session.disk());
        tools.audit().record(session.audited(Act.DownloadOpened).build());
        disk.restore(range, output, 1, meter::read);
        output.end();
    }

    private void closed(Outcome outcome, Optional<Reason> reason) {
        if (opened) {
            LOG.info("VM {}: download {} ended after {} bytes", session.vm(), session.name(), output.sent());
            tools.audit()
                    .record(session.audited(Act.DownloadClosed)
                            .outcome(outcome)
                            .bytes(Optional.of(output.sent()))
                            .reason(reason.map(Reason::name))
                            .build());
        }
    }
}
