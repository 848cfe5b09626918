// Draws the figures that a page names, in the page's colours, and lets the keyboard go from point to point.
"use strict";

const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function painted(layout) {
  const probe = document.body;
  const text = getComputedStyle(probe).color;
  const grid = getComputedStyle(document.querySelector(".top") ?? probe).borderBottomColor;
  const axis = { gridcolor: grid, linecolor: grid, tickcolor: grid };
  const themed = { ...layout, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)" };
  themed.font = { color: text, family: getComputedStyle(probe).fontFamily, size: 12 };
  themed.hoverlabel = { align: "left", bgcolor: style("--tblr-body-bg") || "#fff", font: { color: text }, bordercolor: grid };
  // On a narrow page the legend has more lines than there is room for above.
  const narrow = innerWidth < 640;
  if (narrow) themed.legend = { ...layout.legend, y: -0.16, yanchor: "top", font: { size: 11 } };
  for (const name of Object.keys(layout).filter((each) => /^[xy]axis/.test(each))) {
    themed[name] = { ...layout[name], ...axis };
  }
  if (narrow) themed.xaxis.nticks = 4;
  return themed;
}

// Every point that leads somewhere, in the order of time.
function stops(figure) {
  const found = figure.data.flatMap((trace, curve) =>
    (trace.customdata ?? []).map((url, point) => ({ curve, point, url, at: trace.x[point], text: trace.text[point] })),
  );
  return found.filter(({ at }) => at !== null).sort((one, other) => (one.at < other.at ? -1 : 1));
}

// A point's text is HTML of a kind; parsed apart from the page, nothing in it is loaded or run.
const words = (text) => new DOMParser().parseFromString(text.replaceAll("<br>", ", "), "text/html").body.textContent;

function walk(box, figure) {
  const points = stops(figure);
  const said = document.getElementById("chart-point");
  let here = points.length;
  box.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step && points.length) {
      event.preventDefault();
      here = Math.min(Math.max(here + step, 0), points.length - 1);
      const { curve, point, text } = points[here];
      Plotly.Fx.hover(box, [{ curveNumber: curve, pointNumber: point }]);
      if (said) said.textContent = words(text);
    } else if (event.key === "Enter" && points[here]?.url) {
      location.href = points[here].url;
    }
  });
}

async function draw(box) {
  const answer = await fetch(box.dataset.figure, { headers: { Accept: "application/json" } });
  if (!answer.ok) {
    box.querySelector(".chart-note").textContent = "The chart could not be loaded; the table below has the same runs.";
    return;
  }
  const figure = await answer.json();
  box.replaceChildren();
  const options = { responsive: true, displaylogo: false, displayModeBar: false, doubleClick: "reset" };
  await Plotly.newPlot(box, figure.data, painted(figure.layout), options);
  box.dataset.drawn = "yes";
  box.on("plotly_click", ({ points }) => {
    if (points[0].customdata) location.href = points[0].customdata;
  });
  walk(box, figure);
  new MutationObserver(() => Plotly.relayout(box, painted(figure.layout))).observe(document.documentElement, {
    attributeFilter: ["data-bs-theme"],
  });
}

for (const box of document.querySelectorAll("[data-figure]")) draw(box);
