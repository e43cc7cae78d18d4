// The script of a report that is one file.

import {report} from "./report.js";
import {reportHere} from "./report-data.js";

document.querySelector("main")!.append(report(reportHere()!));
