package io.trustedlaunch.cli.plugin.terminal;

import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.BasicMarkerFactory;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;
import org.slf4j.helpers.NOPMDCAdapter;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

/** What libraries warn of, on standard error: the log that services have takes longer to set up than most commands run. */
public final class StandardErrorLog implements SLF4JServiceProvider {
    /** It warns that v1alpha1 is unstable, which is known. */
    private static final String UNSTABLE = "io.fabric8.kubernetes.client.dsl.internal.VersionUsageUtils";

    private static final String PROVIDER = "slf4j.provider";
    private static final String VERBOSITY = "slf4j.internal.verbosity";
    private static final String REQUESTED_API = "2.0.99";

    private final IMarkerFactory markers = new BasicMarkerFactory();
    private final MDCAdapter context = new NOPMDCAdapter();

    /** Before anything logs. */
    public static void install() {
        System.setProperty(PROVIDER, StandardErrorLog.class.getName());
        // Otherwise it tells that it was chosen.
        System.setProperty(VERBOSITY, Level.WARN.name());
    }

    @Override
    public ILoggerFactory getLoggerFactory() {
        return Warnings::new;
    }

    @Override
    public IMarkerFactory getMarkerFactory() {
        return markers;
    }

    @Override
    public MDCAdapter getMDCAdapter() {
        return context;
    }

    @Override
    public String getRequestedApiVersion() {
        return REQUESTED_API;
    }

    @Override
    public void initialize() {}

    private static final class Warnings extends LegacyAbstractLogger {
        private static final long serialVersionUID = 1L;

        Warnings(String name) {
            this.name = name;
        }

        @Override
        public boolean isTraceEnabled() {
            return false;
        }

        @Override
        public boolean isDebugEnabled() {
            return false;
        }

        @Override
        public boolean isInfoEnabled() {
            return false;
        }

        @Override
        public boolean isWarnEnabled() {
            return !name.equals(UNSTABLE);
        }

        @Override
        public boolean isErrorEnabled() {
            return true;
        }

        @Override
        protected String getFullyQualifiedCallerName() {
            return "";
        }

        @Override
        protected void handleNormalizedLoggingCall(
                Level level, Marker marker, String pattern, Object[] arguments, Throwable fault) {
            String message = MessageFormatter.basicArrayFormat(pattern, arguments);
            TextOutput.standardError().line("warning: " + message + (fault == null ? "" : ": " + fault));
        }
    }
}
