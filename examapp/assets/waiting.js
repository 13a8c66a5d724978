// The waiting room before the exam; when the paper opens in this page, exam.js takes over.
import { waitForStart } from "./exam/waiting.js";

waitForStart(document.getElementById("wait"), () => document.dispatchEvent(new Event("exam-opened")));
