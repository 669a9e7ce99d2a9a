/* The part of a photograph: a frame in the badge's shape over the picture, which is moved and made larger beneath it.
   Without this the server keeps the middle. Large pictures are made smaller here, so that little travels. */

const LONGEST = 2400;
const LARGE_BYTES = 3_000_000;
const STEP = 12;

const form = document.getElementById("photograph");
const input = document.getElementById("file");
const stage = document.getElementById("stage");
const cut = document.getElementById("cut");
const said = document.getElementById("said");
let cropper = null;

function read(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = reject;
    reader.readAsDataURL(file);
  });
}

function loaded(address) {
  return new Promise((resolve, reject) => {
    const image = new Image();
    image.onload = () => resolve(image);
    image.onerror = reject;
    image.src = address;
  });
}

/** A smaller JPEG in the input's place; the browser has turned it upright by then. */
async function smaller(image, name) {
  const by = Math.min(1, LONGEST / Math.max(image.naturalWidth, image.naturalHeight));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(image.naturalWidth * by);
  canvas.height = Math.round(image.naturalHeight * by);
  const brush = canvas.getContext("2d");
  brush.fillStyle = "#fff";
  brush.fillRect(0, 0, canvas.width, canvas.height);
  brush.drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.92));
  const files = new DataTransfer();
  files.items.add(new File([blob], name.replace(/\.[^.]*$/, "") + ".jpg", { type: "image/jpeg" }));
  input.files = files.files;
  return canvas.toDataURL("image/jpeg", 0.92);
}

function forget() {
  cropper?.destroy();
  cropper = null;
  cut.hidden = true;
  said.textContent = "";
  for (const name of ["left", "top", "width", "height"]) form.elements[name].value = "";
}

async function choose() {
  forget();
  const file = input.files[0];
  if (!file) return;
  try {
    let address = await read(file);
    const image = await loaded(address);
    const isUsual = /^image\/(jpeg|png|webp)$/.test(file.type);
    if (!isUsual || file.size > LARGE_BYTES) address = await smaller(image, file.name);
    cut.hidden = false;
    stage.src = address;
    cropper = new Cropper(stage, {
      aspectRatio: 4 / 5,
      viewMode: 1,
      dragMode: "move",
      autoCropArea: 1,
      cropBoxMovable: false,
      cropBoxResizable: false,
      toggleDragModeOnDblclick: false,
      guides: false,
      center: false,
      background: false,
      checkCrossOrigin: false,
      checkOrientation: false,
    });
  } catch {
    said.textContent = form.dataset.unreadable;
  }
}

function note() {
  if (!cropper) return;
  const { x, y, width, height } = cropper.getData();
  const { naturalWidth, naturalHeight } = cropper.getImageData();
  form.elements.left.value = (x / naturalWidth).toFixed(5);
  form.elements.top.value = (y / naturalHeight).toFixed(5);
  form.elements.width.value = (width / naturalWidth).toFixed(5);
  form.elements.height.value = (height / naturalHeight).toFixed(5);
}

input.addEventListener("change", choose);
form.addEventListener("submit", note);
cut.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button || !cropper) return;
  if (button.dataset.zoom) cropper.zoom(Number(button.dataset.zoom));
  if (button.dataset.move) {
    const [across, down] = button.dataset.move.split(" ").map(Number);
    cropper.move(across * STEP, down * STEP);
  }
});
