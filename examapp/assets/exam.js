// The candidate's page. Each part adds to a form that works without it.
import { checkDevice } from "./exam/check.js";
import { deliverLeftovers } from "./exam/leftovers.js";
import { practise } from "./exam/practice.js";
import { sit } from "./exam/sit.js";
import { keepView } from "./exam/view.js";

keepView();
checkDevice(document.getElementById("check"));
practise();
document.addEventListener("htmx:load", practise);
const paper = document.getElementById("paper");
if (paper) sit(paper, JSON.parse(paper.dataset.exam));
else deliverLeftovers(document.getElementById("receipt"));
