import org.apache.beam.runners.flink.FlinkJobServerDriver;

/**
 * Beam's job server on a cluster that has its classes already. Without this it would send its whole class path
 * with each job, and every task manager would load the classes of each job anew.
 */
public class JobServer {
  public static void main(String[] arguments) throws Exception {
    System.setProperty("java.class.path", "");
    FlinkJobServerDriver.main(arguments);
  }
}
